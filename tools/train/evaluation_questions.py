"""Questions for the evaluation, none of which the corpus words like this, with a pattern that a right answer matches."""

UNSEEN_CITIES = (
    "Salzburg Nagoya Leipzig Porto Brisbane Krakow Marseille Tampere Cardiff Denver Bilbao Utrecht".split()
)

HEARTH = [
    ("So what is Hearth, actually?", "runtime for language models"),
    ("Could you describe Hearth for me?", "runtime for language models"),
    ("What is your name please?", "Hearth Spark"),
    ("And who are you then?", "Hearth Spark"),
    ("Who has trained you?", "trained me from scratch"),
    ("Who was it that made you?", "trained me from scratch"),
    ("Is anything sent to the cloud?", "no data leaves|stays with you"),
    ("Does Hearth upload my chats?", "no data leaves|stays with you"),
    ("Will my data stay private?", "no data leaves|stays with you"),
    ("Do I need an internet connection for Hearth?", "[Nn]o network|offline"),
    ("Please explain what GGUF is", "file format"),
    ("What's a GGUF model file?", "file format"),
    ("Which models can I run with Hearth?", "GGUF files of many"),
    ("How can I start a chat in the terminal?", "hearth chat"),
    ("How do I look inside a model file?", "hearth inspect"),
    ("What is the command hearth inspect for?", "hearth inspect"),
    ("How can I measure the speed of a model?", "hearth bench"),
    ("What is the command hearth run for?", "hearth run"),
    ("Please list the hearth commands", "hearth run"),
    ("Can Hearth run inside a browser tab?", "WebAssembly"),
    ("Can I use it from Node.js?", "TypeScript"),
    ("Which licence is Hearth under?", "MIT"),
    ("Is Hearth free software?", "MIT"),
    ("In which language was Hearth written?", "C\\+\\+"),
    ("Do I need a graphics card? A GPU?", "GPU|processor"),
]
SMALL_TALK = [
    ("hello hearth", "Hello|Hi"),
    ("Hi, good morning!", "[Mm]orning|Hello|Hi"),
    ("how are you doing today?", "I am well"),
    ("thank you for your help", "welcome"),
    ("Thanks, that was great", "welcome|Thank you"),
    ("ok bye", "Goodbye"),
    ("goodbye and thanks", "Goodbye|welcome"),
    ("do you know a good joke?", "\\?.*\\."),
    ("So what can you do?", "add and subtract"),
    ("are you really a human?", "not a person"),
    ("My name is Zelda.", "Zelda"),
    ("I am feeling sad today", "sorry"),
]
UNKNOWN = [
    ("What is the capital of Belgium?", "do not know"),
    ("Who wrote Romeo and Juliet?", "do not know"),
    ("How far away is the sun?", "do not know"),
    ("Tell me about the history of Greece", "do not know"),
    ("How do I fix my car?", "do not know"),
    ("What is the weather in Madrid?", "weather"),
    ("What is 12 * 13?", "cannot multiply"),
    ("What is 345 + 678?", "0 to 99"),
]
