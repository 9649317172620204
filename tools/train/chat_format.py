"""What `chat_template.jinja` makes of a conversation, in Python, with the parts marked that the model learns to write."""

from corpus import Conversation


def system_text(conversation: Conversation) -> str:
    """The system message: the caller's text, then one line for each tool."""
    lines = [conversation.system] if conversation.system else []
    if conversation.tools:
        lines.append("Tools:")
    for tool in conversation.tools:
        function = tool["function"]
        names = ", ".join(function["parameters"]["properties"])
        lines.append(f"{function['name']}({names}): {function['description']}")
    return "\n".join(lines)


def render(sample: Conversation | str) -> list[tuple[str, bool]]:
    """Parts of the text and whether the model is to learn each: answers with their end token, and plain text."""
    if isinstance(sample, str):
        return plain_parts(sample)
    parts = []
    system = system_text(sample)
    if system:
        parts.append((f"<|im_start|>system\n{system}<|im_end|>\n", False))
    for message in sample.messages:
        if message["role"] == "assistant":
            parts += [
                ("<|im_start|>assistant\n", False),
                (message["content"] + "<|im_end|>", True),
                ("\n", False),
            ]
        else:
            parts.append((f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n", False))
    return parts


def plain_parts(text: str) -> list[tuple[str, bool]]:
    """Text without roles. In a sum, what stands before the equals sign is chance and cannot be learned."""
    parts = []
    for line in text.splitlines(keepends=True):
        before, equals, after = line.partition(" =")
        parts += [(before + equals, False), (after, True)] if equals else [(line, True)]
    return parts + [("<|im_end|>", True)]


def prompt(conversation: Conversation) -> str:
    """The conversation so far, and the start of the answer that the model shall write."""
    return "".join(text for text, _ in render(conversation)) + "<|im_start|>assistant\n"
