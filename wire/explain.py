"""What a field may hold and what stands there instead, in words of people who write configuration files. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import yaml
from msgspec import inspect

_QUOTED_LENGTH = 40
_CHARACTERS = re.compile(r"\^\[([^\]]+)\]\+\$")
_EXPONENT = re.compile(r"[+-]?[\d.]+[eE][+-]?\d+")
_WITH_UNIT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*[^\d\s.,].*")
_WITH_COMMA = re.compile(r"([+-]?\d+),(\d+)")
_LONGEST_WRITTEN_OUT = 1e12


def wrong(kinds: Sequence[inspect.Type], node: yaml.Node | None) -> str:
    """What would be right in a field of one of these kinds, and what is there; "" where nothing is known of it."""
    right = " or ".join(dict.fromkeys(filter(None, map(_right, kinds))))
    return f"must be {right}; {_here(node)} is not{_hint(kinds, node)}" if right else ""


def missing(kinds: Sequence[inspect.Type]) -> str:
    """What has to be written where nothing is."""
    right = " or ".join(dict.fromkeys(filter(None, map(_right, kinds))))
    return f"is missing; write {right}" if right else "is missing"


def _right(kind: inspect.Type) -> str:  # noqa: C901 (one case for each)
    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=schema):
            described = (schema or {}).get("description")
            return described if isinstance(described, str) else _right(inner)
        case inspect.IntType():
            return _number("a whole number", kind)
        case inspect.FloatType():
            return _number("a number", kind)
        case inspect.StrType():
            return _text(kind)
        case inspect.BoolType():
            return "true or false"
        case inspect.NoneType():
            return "null"
        case inspect.LiteralType():
            return f"one of {', '.join(str(value) for value in kind.values)}"
        case inspect.EnumType():
            return f"one of {', '.join(str(member.value) for member in kind.cls)}"
        case inspect.CustomType():
            return f"a {kind.cls.__name__.lower()}"
        case inspect.StructType():
            return f"fields of its own ({', '.join(field.encode_name for field in kind.fields)})"
        case inspect.ListType() | inspect.VarTupleType():
            return "a list" + _length(" item", kind.min_length, kind.max_length)
        case _:
            return ""


def _text(kind: inspect.StrType) -> str:
    characters = _CHARACTERS.fullmatch(kind.pattern or "")
    only = f" of {characters[1]} only" if characters else f" that fits the pattern {kind.pattern}" if kind.pattern else ""
    return f"text{only}{_length(' character', kind.min_length, kind.max_length)}"


def _number(what: str, kind: inspect.IntType | inspect.FloatType) -> str:
    if kind.ge is not None and kind.le is not None:
        what += f" from {kind.ge:g} to {kind.le:g}"
    elif kind.ge is not None:
        what += f" of at least {kind.ge:g}"
    elif kind.le is not None:
        what += f" of at most {kind.le:g}"
    return what if kind.multiple_of is None else f"{what}, a multiple of {kind.multiple_of:g}"


def _length(each: str, least: int | None, most: int | None) -> str:
    parts = [f"at least {least}"] if least else []
    parts += [f"at most {most}"] if most else []
    return f", {' and '.join(parts)}{each}s" if parts else ""


def _here(node: yaml.Node | None) -> str:
    if isinstance(node, yaml.SequenceNode):
        return "a list" if node.value else "an empty list"
    if isinstance(node, yaml.MappingNode):
        return "a group of fields"
    if node is None or node.tag == "tag:yaml.org,2002:null":
        return "nothing at all"
    text = str(node.value)
    return f'"{text[:_QUOTED_LENGTH]}{"…" if len(text) > _QUOTED_LENGTH else ""}"'


def _hint(kinds: Sequence[inspect.Type], node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return ""
    plain = [kind.type if isinstance(kind, inspect.Metadata) else kind for kind in kinds]
    if node.tag != "tag:yaml.org,2002:str":
        wants_text = any(isinstance(kind, inspect.StrType | inspect.CustomType) for kind in plain)
        return ": put it in quotes if it is meant as text" if wants_text and node.value else ""
    if any(isinstance(kind, inspect.IntType | inspect.FloatType) for kind in plain):
        return _number_hint(str(node.value).strip(), quoted=node.style in ("'", '"'))
    return ""


def _number_hint(text: str, *, quoted: bool) -> str:
    """Why text that looks like a number is none."""
    if comma := _WITH_COMMA.fullmatch(text):
        return f": write the number with a point, {comma[1]}.{comma[2]}"
    if _EXPONENT.fullmatch(text):
        try:
            value = float(text)
        except ValueError:
            return ""
        example = f", {value:.0f}" if 1 <= abs(value) <= _LONGEST_WRITTEN_OUT and value == round(value) else ""
        return f": write the number out{example}"
    if unit := _WITH_UNIT.fullmatch(text):
        return f": write the number alone, {unit[1]}"
    return ": write it without quotes" if quoted else ""
