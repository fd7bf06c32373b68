"""Models to XML and back: one generic codec driven by the fields of the message models.

``encode`` writes UTF-8 with a declaration, the default namespace ``urn:corridor:pix:1``, one element a
line, in the order of the model's fields. Equal messages give equal bytes: decimals are written plainly
without trailing zeros, times as ``YYYY-MM-DDTHH:MM:SSZ``. Optional parts that are absent are left out, and
so is what the version written does not have; other defaults are written.

``decode`` is the reverse; it reads by the version that the root names. It refuses what does not fit the models;
the order of elements is the schema's business (:mod:`exchange.validation`). How a class is written and read is
worked out once and kept.
"""

from exchange.codec.reading import decode, decode_tree, path_of
from exchange.codec.shapes import FieldShape, shapes
from exchange.codec.writing import encode

__all__ = ["FieldShape", "decode", "decode_tree", "encode", "path_of", "shapes"]
