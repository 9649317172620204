import { HearthError } from "../errors.js";

/** hf:owner/repository/path/to/file.gguf, or hf:owner/repository@revision/... */
export function hugging_face_url(name: string, host = "https://huggingface.co"): URL {
  const match = /^hf:\/{0,2}([\w.-]+)\/([\w.-]+)(?:@([\w./-]+?))?\/([^?#]+)$/.exec(name);
  if (!match) throw new HearthError("INVALID_ARGUMENT", `${name}: expected hf:owner/repository/file.gguf`);
  const [, owner, repository, revision = "main", file = ""] = match;
  const path = file.split("/").map(encodeURIComponent).join("/");
  return new URL(`${host}/${owner}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`);
}
