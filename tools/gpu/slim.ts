// Takes out of SPIR-V what naga puts in and no kernel of Hearth's needs: functions that nothing calls; counters by
// which any loop ends (ours do, and drivers unroll only what they can count); zeros that one thread writes to the
// whole of a group's memory when it begins.
// Numbers of instructions and where their operands are: the SPIR-V specification, section 3.

const HEADER_WORDS = 5;

const ENTRY_POINT = 15;
const CONSTANT = 43;
const CONSTANT_COMPOSITE = 44;
const CONSTANT_NULL = 46;
const FUNCTION = 54;
const FUNCTION_END = 56;
const FUNCTION_CALL = 57;
const VARIABLE = 59;
const LOAD = 61;
const STORE = 62;
const LOOP_MERGE = 246;

const WORKGROUP = 4; // a storage class

/** The words of one, the first with its number. */
type Instruction = Uint32Array;

const numberOf = (instruction: Instruction): number => (instruction[0] ?? 0) & 0xffff;

export function slim(words: Uint32Array): Uint32Array {
  const instructions: Instruction[] = [];
  for (let at = HEADER_WORDS; at < words.length; ) {
    const end = at + ((words[at] ?? 0) >>> 16);
    instructions.push(words.subarray(at, end));
    at = end;
  }
  const unneeded = unneededStores(instructions);
  const kept = calledFunctions(instructions.filter((instruction) => !unneeded.has(instruction)));
  const size = kept.reduce((sum, instruction) => sum + instruction.length, HEADER_WORDS);
  const slimmed = new Uint32Array(size);
  slimmed.set(words.subarray(0, HEADER_WORDS));
  let at = HEADER_WORDS;
  for (const instruction of kept) {
    slimmed.set(instruction, at);
    at += instruction.length;
  }
  return slimmed;
}

function unneededStores(instructions: readonly Instruction[]): Set<Instruction> {
  const idsOf = (number: number, isMeant: (instruction: Instruction) => boolean): Set<number | undefined> =>
    new Set(
      instructions
        .filter((instruction) => numberOf(instruction) === number && isMeant(instruction))
        .map((instruction) => instruction[2]),
    );
  const groupMemory = idsOf(VARIABLE, ([, , , storage]) => storage === WORKGROUP);
  const zeros = idsOf(CONSTANT_NULL, () => true);
  // A counter is two words that begin as all ones, and is what a loop loads first.
  const ones = idsOf(CONSTANT, ([, , , value]) => value === 0xffffffff);
  const allOnes = idsOf(CONSTANT_COMPOSITE, (words) => words.length === 5 && ones.has(words[3]) && ones.has(words[4]));
  const counters = idsOf(VARIABLE, ([, , , , begin]) => begin !== undefined && allOnes.has(begin));
  const loadedFirst = new Set<number | undefined>();
  instructions.forEach((instruction, i) => {
    if (numberOf(instruction) !== LOOP_MERGE) return;
    const load = instructions[i + 3]; // behind a branch and its label
    if (load !== undefined && numberOf(load) === LOAD) loadedFirst.add(load[3]);
  });
  return new Set(
    instructions.filter((instruction) => {
      if (numberOf(instruction) !== STORE) return false;
      const [, to, value] = instruction;
      return (groupMemory.has(to) && zeros.has(value)) || (counters.has(to) && loadedFirst.has(to));
    }),
  );
}

/** All that is no function, and the functions that the kernel comes to. */
function calledFunctions(instructions: readonly Instruction[]): Instruction[] {
  const functions = new Map<number, Instruction[]>();
  const others: Instruction[] = [];
  let current: Instruction[] | undefined;
  for (const instruction of instructions) {
    if (numberOf(instruction) === FUNCTION) {
      current = [];
      functions.set(instruction[2] ?? 0, current);
    }
    (current ?? others).push(instruction);
    if (numberOf(instruction) === FUNCTION_END) current = undefined;
  }
  const called = new Set<number>();
  const call = (id: number): void => {
    if (called.has(id)) return;
    called.add(id);
    for (const instruction of functions.get(id) ?? []) {
      if (numberOf(instruction) === FUNCTION_CALL) call(instruction[3] ?? 0);
    }
  };
  for (const instruction of others) if (numberOf(instruction) === ENTRY_POINT) call(instruction[2] ?? 0);
  return [...others, ...[...functions].filter(([id]) => called.has(id)).flatMap(([, body]) => body)];
}
