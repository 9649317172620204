import { useChat, useModel } from "@hearth/react";

// A very small model, to begin with: public/model.gguf. Any GGUF file will do, by its address or as
// "hf:owner/repository:Q4_K_M"; it is downloaded once, and kept for the next visit.
const source = "model.gguf";

export function Chat() {
  const model = useModel(source);
  const chat = useChat({ model, system: "You are a helpful assistant." });
  const busy = chat.status === "submitted" || chat.status === "streaming";
  const error = model.error ?? chat.error;

  return (
    <main>
      <ol aria-live="polite">
        {chat.messages
          .filter(({ role }) => role !== "system")
          .map(({ id, role, content }) => (
            <li key={id} className={role}>
              {content}
            </li>
          ))}
      </ol>
      <p role="status">{error ? error.message : state_of(model)}</p>
      <form action={(form) => void chat.sendMessage(form.get("question"))}>
        <input name="question" aria-label="Message" autoComplete="off" required disabled={busy} />
        {busy ? (
          <button type="button" onClick={chat.stop}>
            Stop
          </button>
        ) : (
          <button disabled={model.status !== "ready"}>Send</button>
        )}
      </form>
    </main>
  );
}

function state_of({ status, progress, model }) {
  if (status === "ready") return `${model.info.name} is ready`;
  const percent = progress?.total > 1 ? `: ${Math.round((100 * progress.loaded) / progress.total)}%` : "";
  return `Loading the model${percent}`;
}
