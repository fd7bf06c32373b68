"""XML to models: what does not fit is refused with its place."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from typing import Any

from lxml import etree
from pydantic import ValidationError

from exchange.codec.quick import read_plain
from exchange.codec.shapes import shapes
from exchange.codec.values import Reader, expected, reader_of
from exchange.errors import CodecError
from exchange.messages import NAMESPACE, ROOTS, Consignment, Message, PixModel

_CLARK = f"{{{NAMESPACE}}}"
_KEPT_CONSIGNMENTS = 512

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)

Step = tuple[str, bool, Reader | None, "dict[str, Any] | None"]


@cache
def _reader(cls: type[PixModel], version: str) -> dict[str, Step]:
    """Return, by Clark name, (field, whether it repeats, reader of its text, plan of its children)."""
    plan: dict[str, Step] = {}
    for shape in shapes(cls, version):
        nested = _reader(shape.value_type, version) if issubclass(shape.value_type, PixModel) else None
        plan[_CLARK + shape.element] = (shape.name, shape.repeats, reader_of(shape.value_type), nested)
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
                    raise CodecError(f"'{value}' is not {expected(read)}", path_of(child)) from None
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


def decode_tree(root: etree._Element, data: bytes | None = None, *, share: bool = False) -> Message:
    """Return the message that the tree below ``root`` holds.

    ``data``, the bytes in UTF-8 that ``root`` was parsed from, are quicker to read than the tree where they are
    written the usual way. With ``share``, messages about the same goods share one consignment: it is read once and
    stands in memory once.

    Raise :class:`CodecError` if the root is no PIX message or names no known version, an element is unknown in that
    version or stands twice, or a value does not fit its field.
    """
    tag = root.tag
    cls = ROOTS.get(tag[len(_CLARK) :]) if isinstance(tag, str) and tag.startswith(_CLARK) else None
    if cls is None:
        expected_roots = f"expected one of {', '.join(ROOTS)} in {NAMESPACE}"
        raise CodecError(f"the root element {tag} is no PIX message; {expected_roots}")
    version = root.get("schemaVersion", "")
    reader = _reader(cls, version)
    goods = _consignment_bytes(data) if data is not None and share else None
    key = (version, goods) if goods is not None else None
    known = _consignments.get(key) if key is not None else None
    values: dict[str, Any] | None = None
    if data is not None:
        values = read_plain(data, cls, version, {"consignment": known} if known is not None else {})
    if values is None:
        values = _collect(root, reader, known)
    try:
        message: Message = cls.__pydantic_validator__.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise CodecError(first["msg"], _model_path(cls, first["loc"])) from None
    if key is not None:
        _consignments[key] = message.consignment  # type: ignore[attr-defined]
        _consignments.move_to_end(key)
        if len(_consignments) > _KEPT_CONSIGNMENTS:
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


__all__ = ["decode", "decode_tree", "path_of"]
