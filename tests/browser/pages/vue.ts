/** An application with the composables of @hearth/vue. */

import { useChat, useCompletion, useModel } from "@hearth/vue";
import { loadModel } from "@hearth/web";
import { createApp, defineComponent, h } from "vue";
import type { Start } from "./frameworks.js";

export const start: Start = (path, tell, options) => {
  const App = defineComponent(() => {
    const model = useModel(path, { threads: 1, load: (source, options) => tell.loads(loadModel(source, options)) });
    const chat = useChat({ model, temperature: 0, ...options });
    const { completion, complete } = useCompletion({ model, temperature: 0 });
    tell.acts({ send: chat.sendMessage, stop: chat.stop, complete });
    return () => [
      h("p", { id: "model" }, model.status.value),
      h("p", { id: "error" }, model.error.value?.code),
      h("p", { id: "chat" }, chat.status.value),
      h("ol", [chat.messages.value.map(({ id, content }) => h("li", { key: id }, content))]),
      h("p", { id: "completion" }, completion.value),
    ];
  });
  const app = createApp(App);
  app.mount(document.body.appendChild(document.createElement("main")));
  return () => app.unmount();
};
