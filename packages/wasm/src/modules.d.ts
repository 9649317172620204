/** What tools/build_wasm.sh makes. */
declare module "*.mjs" {
  const factory: import("./module.js").Factory;
  export default factory;
}
