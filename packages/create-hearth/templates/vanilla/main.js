import { loadModel } from "@hearth/web";

// A very small model, to begin with: public/model.gguf. Any GGUF file will do, by its address or as
// "hf:owner/repository:Q4_K_M"; it is downloaded once, and kept for the next visit.
const source = "model.gguf";

const by_id = (id) => document.getElementById(id);
const question = by_id("question");

const model = await loadModel(source, { onProgress: show_progress }).catch((error) => {
  by_id("status").textContent = error.message;
  throw error;
});
const chat = model.createChat({ system: "You are a helpful assistant." });
by_id("status").textContent = `${model.info.name} is ready`;
set_busy(false);

by_id("form").onsubmit = async (event) => {
  event.preventDefault();
  add_message("user", question.value);
  const stream = chat.stream(question.value);
  const answer = add_message("assistant", "");
  question.value = "";
  by_id("stop").onclick = () => stream.abort();
  set_busy(true);
  try {
    for await (const text of stream) {
      answer.textContent += text;
      answer.scrollIntoView({ block: "end" });
    }
    by_id("status").textContent = "";
  } catch (error) {
    by_id("status").textContent = error.message;
  }
  set_busy(false);
};

function add_message(role, text) {
  const message = document.createElement("li");
  message.className = role;
  message.textContent = text;
  by_id("messages").append(message);
  return message;
}

function set_busy(busy) {
  question.disabled = busy;
  by_id("send").disabled = busy;
  by_id("send").hidden = busy;
  by_id("stop").hidden = !busy;
  if (!busy) question.focus();
}

function show_progress({ stage, loaded, total }) {
  const percent = total > 1 ? `: ${Math.round((100 * loaded) / total)}%` : "";
  by_id("status").textContent = `Loading the model (${stage}${percent})`;
}
