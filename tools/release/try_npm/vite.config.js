// As docs/web.md says for Vite.
export default { worker: { format: "es" }, build: { target: "es2022" } };
