/** An application with the hooks of @hearth/react, which shows its state and lets a test act on it. */

import {
  type UseChat,
  type UseChatOptions,
  type UseCompletion,
  type UseModel,
  useChat,
  useCompletion,
  useModel,
} from "@hearth/react";
import { loadModel, type Model } from "@hearth/web";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

export interface Page {
  model: UseModel;
  chat: UseChat;
  completion: UseCompletion;
  /** Every model that was loaded. */
  models: Promise<Model>[];
  /** What the last message said, each time that it was shown. */
  shown: string[];
  stages: string[];
  setSource: (source: string | undefined) => void;
  /** Of the chat and the completion, as they count. */
  options: UseChatOptions;
  setOptions: (options: UseChatOptions) => void;
  unmount: () => void;
}

const models: Promise<Model>[] = [];
const shown: string[] = [];
const stages: string[] = [];
const tell = (change: Partial<Page>) => {
  globalThis.it = { ...globalThis.it, ...change };
};

const load: typeof loadModel = (source, options) => {
  const model = loadModel(source, options);
  models.push(model);
  return model;
};

const weather = {
  description: "Tells the weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  execute: ({ city }: { city: string }) => `sunny in ${city}`,
};

function App({ first, given }: { first: string; given: UseChatOptions }) {
  const [source, setSource] = useState<string | undefined>(first || undefined);
  const model = useModel(source, { load, threads: 1, onProgress: ({ stage }) => stages.push(stage) });
  const [options, setOptions] = useState(given);
  const chat = useChat({ model, temperature: 0, tools: { weather }, maxSteps: 2, ...options });
  const completion = useCompletion({ model, temperature: 0, ...options });
  const last = chat.messages.at(-1)?.content ?? "";
  useEffect(() => {
    shown.push(last);
  }, [last]);
  useEffect(() => tell({ model, chat, completion, setSource, options, setOptions }));
  return (
    <>
      <p id="model">{model.status}</p>
      <p id="model-error">{model.error?.code}</p>
      <p id="chat">{chat.status}</p>
      <p id="chat-error">{chat.error?.code}</p>
      <ol>
        {chat.messages.map(({ id, role, content }) => (
          <li key={id} className={role}>
            {content}
          </li>
        ))}
      </ol>
      <form onSubmit={completion.handleSubmit}>
        <input value={completion.input} onChange={completion.handleInputChange} />
      </form>
      <p id="completion">{completion.completion}</p>
      <p id="loading">{String(completion.isLoading)}</p>
    </>
  );
}

export function start(first: string, given: UseChatOptions = {}): void {
  const root = createRoot(document.body.appendChild(document.createElement("main")));
  tell({ models, shown, stages, unmount: () => root.unmount() });
  root.render(
    <StrictMode>
      <App first={first} given={given} />
    </StrictMode>,
  );
}

declare global {
  var it: Page;
}
