/** The workflows to begin with: site/examples. */

import answer from "../../../examples/answer.yaml?raw";
import count from "../../../examples/count.yaml?raw";
import review from "../../../examples/review.yaml?raw";
import route from "../../../examples/route.yaml?raw";
import sums from "../../../examples/sums.yaml?raw";

export const examples: { name: string; yaml: string }[] = [
  { name: "One question", yaml: answer },
  { name: "Several at once", yaml: sums },
  { name: "A choice of ways", yaml: route },
  { name: "A review in between", yaml: review },
  { name: "A loop, without a model", yaml: count },
];
