/** What tools/build_wasm.sh makes. */
declare module "*/hearth-workflow.mjs" {
  const factory: import("./workflow.js").WorkflowFactory;
  export default factory;
}

declare module "*.mjs" {
  const factory: import("./module.js").Factory;
  export default factory;
}
