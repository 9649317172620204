"""Writes the reference of the Python package from what it says of itself: the names in `__all__`, their annotations and
docstrings. It is read, not imported: no library is needed. Usage: python_reference.py PACKAGE_FOLDER > PAGE"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def public_names(package: ast.Module) -> list[str]:
    for statement in package.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(statement.value)]
    raise SystemExit("the package has no __all__")


def origins(folder: Path, package: ast.Module) -> dict[str, Path]:
    """The file that each name is imported from."""
    found = {}
    for statement in package.body:
        if isinstance(statement, ast.ImportFrom) and statement.level == 1 and statement.module:
            for alias in statement.names:
                found[alias.asname or alias.name] = folder / (statement.module.replace(".", "/") + ".py")
    return found


def documented(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Each statement, with the docstring behind it."""
    for index, statement in enumerate(body):
        after = body[index + 1] if index + 1 < len(body) else None
        text = ""
        if (
            isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            text = inspect.cleandoc(after.value.value)
        yield statement, text


def prose(text: str | None) -> str:
    """Markdown of a docstring: words in code stay as they are, nothing is HTML."""
    return "".join(
        piece if piece.startswith("`") else plain(piece) for piece in re.split(r"(`[^`]*`)", text or "")
    )


def plain(text: str) -> str:
    # Braces would be an expression of the site's pages.
    characters = re.sub(r"[<>&{}]", lambda found: f"&#{ord(found[0])};", text)
    escaped = re.sub(r"([*_|\[\]])", r"\\\1", characters)
    return re.sub(r"\bdocs/([a-z-]+)\.md\b", r"[\1](../../\1.md)", escaped)


def signature(function: Function) -> str:
    word = "async def" if isinstance(function, ast.AsyncFunctionDef) else "def"
    returned = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    text = f"{word} {function.name}({ast.unparse(function.args)}){returned}"
    if len(text) <= 100:
        return text
    # One parameter a line; commas within brackets separate none.
    parameters = re.split(r", (?![^\[(]*[\])])", ast.unparse(function.args))
    return f"{word} {function.name}(\n    " + ",\n    ".join(parameters) + f",\n){returned}"


def decorators(function: Function) -> list[str]:
    return [ast.unparse(decorator) for decorator in function.decorator_list]


def code(text: str) -> str:
    return f"```python\n{text}\n```"


def of_function(function: Function, heading: str) -> Iterator[str]:
    is_property = any(name in ("property", "cached_property") for name in decorators(function))
    yield f"{heading} `{function.name}`"
    if is_property:
        returned = f": {ast.unparse(function.returns)}" if function.returns else ""
        yield code(f"{function.name}{returned}")
    else:
        yield code(signature(function))
    yield prose(ast.get_docstring(function))


def fields_of(definition: ast.ClassDef) -> Iterator[str]:
    for statement, text in documented(definition.body):
        if isinstance(statement, ast.AnnAssign) and not ast.unparse(statement.target).startswith("_"):
            default = f" = {ast.unparse(statement.value)}" if statement.value else ""
            name = f"`{ast.unparse(statement.target)}: {ast.unparse(statement.annotation)}{default}`"
            yield f"- {name}" + (f"  \n  {prose(' '.join(text.split()))}" if text else "")


def methods_of(definition: ast.ClassDef) -> Iterator[Function]:
    for statement in definition.body:
        if isinstance(statement, Function):
            is_setter = any(name.endswith(".setter") for name in decorators(statement))
            if (statement.name == "__init__" or not statement.name.startswith("_")) and not is_setter:
                yield statement


def of_class(definition: ast.ClassDef, module: ast.Module) -> Iterator[str]:
    names = [ast.unparse(base) for base in definition.bases]
    # What a private class of the module has is shown as the class's own.
    private = [
        other
        for other in module.body
        if isinstance(other, ast.ClassDef) and other.name in names and other.name.startswith("_")
    ]
    bases = [name for name in names if name not in [other.name for other in private]]
    bases += [f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in definition.keywords if bases]
    yield f"## `{definition.name}`"
    yield code(f"class {definition.name}" + (f"({', '.join(bases)})" if bases else ""))
    yield prose(ast.get_docstring(definition))
    yield "\n".join(field for part in [*private, definition] for field in fields_of(part))
    for part in [*private, definition]:
        for method in methods_of(part):
            yield from of_function(method, "###")


def of_name(name: str, path: Path) -> Iterator[str]:
    module = parse(path)
    for statement, text in documented(module.body):
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            yield from of_class(statement, module)
        elif isinstance(statement, Function) and statement.name == name:
            yield from of_function(statement, "##")
        elif isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            yield f"## `{name}`"
            yield code(ast.unparse(statement))
            yield prose(text)


def main() -> None:
    folder = Path(sys.argv[1])
    package = parse(folder / "__init__.py")
    found = origins(folder, package)
    page = ["# The package `hearth`", prose(ast.get_docstring(package))]
    for name in sorted(public_names(package), key=str.lower):
        if name not in found:
            continue
        entry = [part for part in of_name(name, found[name]) if part]
        if not entry:
            raise SystemExit(f"{found[name]} does not define '{name}'")
        page += entry
    print("\n\n".join(page))


main()
