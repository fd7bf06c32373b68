"""Models to XML and back: one generic codec driven by the fields of the message models.

``encode`` writes UTF-8 with a declaration, the default namespace ``urn:corridor:pix:1``, one element a
line, in the order of the model's fields. Equal messages give equal bytes: decimals are written plainly
without trailing zeros, times as ``YYYY-MM-DDTHH:MM:SSZ``. Optional parts that are absent are left out, and
so is what the version written does not have; other defaults are written.

``decode`` is the reverse; it reads by the version that the root names. It refuses what does not fit the models;
the order of elements is the schema's business (:mod:`exchange.validation`). How a class is written and read is
worked out once and kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from lxml import etree
from pydantic import ValidationError

import schemas
from exchange.errors import CodecError
from exchange.messages import NAMESPACE, ROOTS, VERSION, Consignment, Message, PixModel

Write = Callable[[PixModel, Callable[[str], None]], None]

_CLARK = f"{{{NAMESPACE}}}"
_KEPT_FRAGMENTS = 512


class FieldShape(NamedTuple):
    """What codec and schemas need to know of one field: its element, its value type, whether it repeats."""

    name: str
    element: str
    value_type: type
    repeats: bool
    required: bool
    since: str = schemas.VERSIONS[0]


def _bare(annotation: Any) -> tuple[Any, bool]:
    """Return (value type without optional, annotation and tuple, whether it is a tuple)."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            (annotation,) = (a for a in get_args(annotation) if a is not type(None))
        elif origin is tuple:
            return _bare(get_args(annotation)[0])[0], True
        elif origin is Literal:
            return str, False
        else:
            return annotation, False


@cache
def shapes(cls: type[PixModel], version: str | None = None) -> tuple[FieldShape, ...]:
    """Return the shapes of the fields of ``cls``, in the order of their elements.

    With ``version`` only those that this version of the message set has.
    """
    if version is not None:
        known = _up_to(version)
        return tuple(shape for shape in shapes(cls) if shape.since in known)
    found = []
    for name, info in cls.model_fields.items():
        value_type, repeats = _bare(info.annotation)
        required = info.is_required()
        since = cls.SINCE.get(name, schemas.VERSIONS[0])
        found.append(FieldShape(name, cls.xml_name(name), value_type, repeats, required, since))
    return tuple(found)


def _up_to(version: str) -> tuple[str, ...]:
    """Return the versions up to and with ``version``; raise :class:`CodecError` if there is no such version."""
    if version not in schemas.VERSIONS:
        expected = " or ".join(schemas.VERSIONS)
        raise CodecError(f"version '{version}' of the message set is not known; expected {expected}")
    return schemas.VERSIONS[: schemas.VERSIONS.index(version) + 1]


def _text(value: str) -> str:
    if "&" in value or "<" in value or ">" in value:
        return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value


def _decimal(value: Decimal) -> str:
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _time(value: datetime) -> str:
    return value.isoformat()[:19] + "Z"


_RENDER: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    bool: lambda value: "true" if value else "false",
    Decimal: _decimal,
    datetime: _time,
    date: date.isoformat,
}


@cache
def _writer(cls: type[PixModel], depth: int, version: str) -> Write:
    """Return the function that puts the children of a ``cls`` standing at ``depth``, each on its own line."""
    steps = []
    indent = "\n" + "  " * depth
    for shape in shapes(cls, version):
        opening = f"{indent}<{shape.element}>"
        if issubclass(shape.value_type, PixModel):
            closing = f"{indent}</{shape.element}>"
            render: Callable[[Any], str] | None = None
            kept = shape.value_type is Consignment
            nested: Write | None = _keeper(version) if kept else _writer(shape.value_type, depth + 1, version)
        else:
            closing = f"</{shape.element}>"
            render, nested = _RENDER[shape.value_type], None
        steps.append((shape.name, shape.repeats, render, nested, opening, closing))
    plan = tuple(steps)

    def write(model: PixModel, put: Callable[[str], None]) -> None:
        values = model.__dict__
        for name, repeats, render, nested, opening, closing in plan:
            value = values[name]
            if value is None:
                continue
            if nested is None:
                assert render is not None
                put(f"{opening}{render(value)}{closing}")
            elif repeats:
                for item in value:
                    put(opening)
                    nested(item, put)
                    put(closing)
            else:
                put(opening)
                nested(value, put)
                put(closing)

    return write


_fragments: OrderedDict[tuple[int, str], tuple[PixModel, str]] = OrderedDict()


@cache
def _keeper(version: str) -> Write:
    """Return the function that puts the children of a consignment, from the store if this very object was written
    lately.

    One consignment goes into several messages. The store holds the object itself, so its ``id`` cannot be
    reused.
    """

    def put_kept(model: PixModel, put: Callable[[str], None]) -> None:
        key = (id(model), version)
        found = _fragments.get(key)
        if found is None:
            parts: list[str] = []
            _writer(type(model), 2, version)(model, parts.append)
            found = _fragments[key] = (model, "".join(parts))
            if len(_fragments) > _KEPT_FRAGMENTS:
                _fragments.popitem(last=False)
        put(found[1])

    return put_kept


def encode(message: Message, version: str = VERSION) -> bytes:
    """Return ``message`` as an XML document in UTF-8; equal messages give equal bytes.

    What ``version`` of the message set does not have is left out. Raise :class:`CodecError` if there is no such
    version.
    """
    root = type(message).__name__
    write = _writer(type(message), 1, version)
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}" schemaVersion="{version}">']
    write(message, parts.append)
    parts.append(f"\n</{root}>\n")
    return "".join(parts).encode()


def _read_bool(text: str) -> bool:
    return {"true": True, "false": False, "1": True, "0": False}[text.strip()]


def _read_int(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def _read_decimal(text: str) -> Decimal:
    text = text.strip()
    if not (text.isascii() and text.replace(".", "", 1).isdigit()):
        raise ValueError(text)
    return Decimal(text)


def _read_time(text: str) -> datetime:
    text = text.strip()
    if len(text) != 20 or text[19] != "Z" or text[10] != "T":
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _read_date(text: str) -> date:
    text = text.strip()
    if len(text) != 10 or text[4] != "-":
        raise ValueError(text)
    return date.fromisoformat(text)


_READ: dict[type, tuple[Callable[[str], Any], str]] = {
    bool: (_read_bool, "true or false"),
    int: (_read_int, "a whole number"),
    Decimal: (_read_decimal, "a decimal number"),
    datetime: (_read_time, "a time YYYY-MM-DDTHH:MM:SSZ"),
    date: (_read_date, "a date YYYY-MM-DD"),
}

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)

Step = tuple[str, bool, Callable[[str], Any] | None, "dict[str, Any] | None"]


@cache
def _reader(cls: type[PixModel], version: str) -> dict[str, Step]:
    """Return, by Clark name, (field, whether it repeats, reader of its text, plan of its children)."""
    plan: dict[str, Step] = {}
    for shape in shapes(cls, version):
        nested = _reader(shape.value_type, version) if issubclass(shape.value_type, PixModel) else None
        read = _READ[shape.value_type][0] if shape.value_type in _READ else None
        plan[_CLARK + shape.element] = (shape.name, shape.repeats, read, nested)
    return plan


_consignments: OrderedDict[tuple[str, bytes], Consignment] = OrderedDict()


def _consignment_bytes(data: bytes) -> bytes | None:
    """Return the bytes of the document's one consignment, or None where they may not stand for it alone.

    They do only if nothing else in the document speaks of a consignment, and no comment, CDATA section or
    namespace prefix gives the same bytes another meaning.
    """
    start, end = data.find(b"<Consignment>"), data.find(b"</Consignment>")
    if start < 0 or end < start or data.count(b"Consignment") != 2 or b"<!" in data or b"xmlns:" in data:
        return None
    return data[start:end]


def _collect(element: etree._Element, plan: dict[str, Step], known: Consignment | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for child in element:
        step = plan.get(child.tag)
        if step is None:
            if isinstance(child.tag, str):
                raise CodecError(f"there is no such element in {_local(element)}", path_of(child))
            continue
        name, repeats, read, nested = step
        value: Any
        if nested is not None:
            value = known if known is not None and name == "consignment" else _collect(child, nested)
        else:
            value = (_whole_text(child) if len(child) else child.text) or ""
            if read is not None:
                try:
                    value = read(value)
                except (ValueError, KeyError):
                    raise CodecError(f"'{value}' is not {_expected(read)}", path_of(child)) from None
        if repeats:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise CodecError("the element stands twice where it may stand once", path_of(child))
        else:
            values[name] = value
    return values


def _whole_text(element: etree._Element) -> str:
    """Return the text of a leaf with comments or processing instructions inside."""
    if any(isinstance(child.tag, str) for child in element):
        raise CodecError("text is expected here, not elements", path_of(element))
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _expected(read: Callable[[str], Any]) -> str:
    return next(words for reader, words in _READ.values() if reader is read)


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def path_of(element: etree._Element) -> str:
    """Return where ``element`` stands below the root, as ``Consignment/GoodsItem[2]/HSCode``."""
    steps: list[str] = []
    node = element
    parent = node.getparent()
    while parent is not None:
        twins = [child for child in parent if child.tag == node.tag]
        position = f"[{twins.index(node) + 1}]" if len(twins) > 1 else ""
        steps.append(_local(node) + position)
        node, parent = parent, parent.getparent()
    return "/".join(reversed(steps))


def _model_path(cls: type[PixModel], location: tuple[int | str, ...]) -> str:
    """Return the path of the element that pydantic means by ``location``."""
    steps: list[str] = []
    current: type[Any] = cls
    for part in location:
        if isinstance(part, int):
            steps[-1] += f"[{part + 1}]"
            continue
        fields = shapes(current) if issubclass(current, PixModel) else ()
        shape = next((s for s in fields if s.name == part), None)
        if shape is None:
            break
        steps.append(shape.element)
        current = shape.value_type
    return "/".join(steps)


def decode_tree(root: etree._Element, data: bytes | None = None) -> Message:
    """Return the message that the tree below ``root`` holds.

    ``data``, the bytes that ``root`` was parsed from, let messages about the same goods share one consignment: it
    is read once and stands in memory once.

    Raise :class:`CodecError` if the root is no PIX message or names no known version, an element is unknown in that
    version or stands twice, or a value does not fit its field.
    """
    tag = root.tag
    cls = ROOTS.get(tag[len(_CLARK) :]) if isinstance(tag, str) and tag.startswith(_CLARK) else None
    if cls is None:
        expected = f"expected one of {', '.join(ROOTS)} in {NAMESPACE}"
        raise CodecError(f"the root element {tag} is no PIX message; {expected}")
    version = root.get("schemaVersion", "")
    reader = _reader(cls, version)
    goods = _consignment_bytes(data) if data is not None else None
    key = (version, goods) if goods is not None else None
    known = _consignments.get(key) if key is not None else None
    try:
        message: Message = cls.__pydantic_validator__.validate_python(_collect(root, reader, known))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise CodecError(first["msg"], _model_path(cls, first["loc"])) from None
    if key is not None:
        _consignments[key] = message.consignment  # type: ignore[attr-defined]
        _consignments.move_to_end(key)
        if len(_consignments) > _KEPT_FRAGMENTS:
            _consignments.popitem(last=False)
    return message


def decode(data: bytes) -> Message:
    """Return the message that ``data`` holds; raise :class:`CodecError` if it holds none.

    For bytes from outside use :func:`exchange.validation.parse_message`, which passes all gates.
    """
    try:
        root = etree.fromstring(data, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CodecError(f"this is not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise CodecError("a document type declaration is not accepted")
    return decode_tree(root)


__all__ = ["FieldShape", "decode", "decode_tree", "encode", "path_of", "shapes"]
