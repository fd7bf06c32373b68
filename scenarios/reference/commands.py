"""The page of commands, from the functions that are registered as commands."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer
from typer.models import ArgumentInfo, DefaultPlaceholder, OptionInfo

from scenarios.reference.words import plain, table

_KINDS = {"int": "NUMBER", "float": "NUMBER", "str": "TEXT", "Path": "PATH"}


def commands_page(written: str) -> str:
    """Return the page: every command with its arguments and options."""
    from scenarios.cli import app

    parts = [f"# Commands\n\n{written}"]
    for name, function, epilog in sorted(_commands(app, "corridor"), key=lambda one: one[0]):
        parts.append(_section(name, function, epilog))
    return "\n\n".join(parts) + "\n"


def _commands(app: typer.Typer, path: str) -> Iterator[tuple[str, Callable[..., Any], str]]:
    for command in app.registered_commands:
        function = command.callback
        assert function is not None
        name = command.name or function.__name__.replace("_", "-")
        yield f"{path} {name}", function, _said(command.epilog)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        inner, name = group.typer_instance, f"{path} {_said(group.name) or _said(group.typer_instance.info.name)}"
        itself = inner.registered_callback
        if itself is not None and itself.callback is not None and inner.info.invoke_without_command is True:
            yield name, itself.callback, _said(itself.epilog) or _said(inner.info.epilog)
        yield from _commands(inner, name)


def _said(text: Any) -> str:
    value = text.value if isinstance(text, DefaultPlaceholder) else text
    return value or ""


def _section(name: str, function: Callable[..., Any], epilog: str) -> str:
    arguments: list[tuple[object, ...]] = []
    options: list[tuple[object, ...]] = []
    hints = get_type_hints(function, include_extras=True)
    for parameter in inspect.signature(function).parameters.values():
        hint = hints[parameter.name]
        if get_origin(hint) is not Annotated:
            continue
        kind, about = get_args(hint)[0], get_args(hint)[1]
        wanted = parameter.default is inspect.Parameter.empty
        if isinstance(about, ArgumentInfo):
            shown = about.metavar or parameter.name.upper()
            several = " …" if "list" in str(kind) else ""
            arguments.append((f"`{shown if wanted else f'[{shown}]'}{several}`", about.help or ""))
        elif isinstance(about, OptionInfo) and not about.hidden:
            names = ", ".join(_names(about) or (f"--{parameter.name.replace('_', '-')}",))
            options.append((f"`{names}`{_value(kind, about)}", about.help or "", _default(parameter.default)))
    parts = [f"## {name}", plain(function.__doc__ or "")]
    if arguments:
        parts.append(table(("argument", "what it is"), arguments))
    if options:
        parts.append(table(("option", "what it does", "default"), options))
    parts.append(plain(epilog))
    return "\n\n".join(part for part in parts if part)


def _names(about: OptionInfo) -> tuple[str, ...]:
    """Return the names given to an option; within ``Annotated`` typer keeps the first where a default would stand."""
    first = (about.default,) if isinstance(about.default, str) and about.default.startswith("-") else ()
    return (*first, *(about.param_decls or ()))


def _value(kind: Any, about: OptionInfo) -> str:
    for one in _plain_kinds(kind):
        if one is bool:
            return ""
        if about.metavar:
            return f" {about.metavar}"
        if isinstance(one, type) and issubclass(one, Enum):
            return " " + " / ".join(str(value.value) for value in one)
        if get_origin(one) is not None and str(get_origin(one)).endswith("Literal"):
            return " " + " / ".join(map(str, get_args(one)))
        return f" {_KINDS.get(getattr(one, '__name__', ''), 'VALUE')}"
    return ""


def _plain_kinds(kind: Any) -> Iterator[Any]:
    """Yield what a parameter's type is made of, without lists and None."""
    if get_origin(kind) in (Union, types.UnionType, list):
        for part in get_args(kind):
            if part is not type(None):
                yield from _plain_kinds(part)
    else:
        yield kind


def _default(value: object) -> str:
    if value is inspect.Parameter.empty or value in (None, (), [], False, ""):
        return ""
    if value is True:
        return "on"
    return f"`{value.value if isinstance(value, Enum) else value}`"


__all__ = ["commands_page"]
