/** Of 16 tokens in the vocabulary of the models that make-model makes. */
export const prompt = "a b c d e f g h i j k l m n o";
