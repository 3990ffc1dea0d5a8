"""YAML files into typed, frozen structs; a mistake gets file, line, field and what would be right."""

from __future__ import annotations

import difflib
import os
import re
import stat
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml
from msgspec import inspect

from wire import explain
from wire.errors import ConfigurationError

MAX_BYTES = 65_536
MAX_DEPTH = 16
_QUOTED_LENGTH = 40


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The base of every part of a configuration or mission file: unknown fields are refused."""

    def problem(self) -> tuple[str, str] | None:
        """What is wrong between fields, as (dotted field, sentence), or None. For the file's top section."""
        return None


S = TypeVar("S", bound=Section)


def load(path: Path, kind: type[S]) -> S:
    """Read and check a file. Raises ConfigurationError."""
    return parse(read(path), kind, str(path))


def read(path: Path) -> str:
    """The text of a file, at most a little more than may be parsed. Raises ConfigurationError."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):  # a pipe would be waited for
            what = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise ConfigurationError(f"{path}: is {what}; name a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return data.decode(errors="strict" if len(data) <= MAX_BYTES else "replace")
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:  # also a name that no file can have
        raise ConfigurationError(f"{path}: cannot be read as text ({getattr(error, 'strerror', None) or error})") from error


def parse(text: str, kind: type[S], source: str) -> S:
    """Check the text of a file named `source` in messages. Raises ConfigurationError."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ConfigurationError(f"{source}: is larger than {MAX_BYTES} bytes; such a file is not a configuration")
    try:
        _refuse_strange(text, source)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _refuse_duplicates(node, source)
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else text.count("\n", 0, getattr(error, "position", 0)) + 1
        sentence = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ConfigurationError(f"{source}:{line}: not valid YAML: {sentence}") from error
    except (ValueError, ArithmeticError) as error:  # a date, or a number, that looks like one to YAML and is none
        raise ConfigurationError(f"{source}:1: not valid YAML: {error}; put text that looks so in quotes") from error
    try:
        section = msgspec.convert({} if value is None else value, kind, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ConfigurationError(_explain(str(error), node, kind, source)) from error
    problem = section.problem()
    if problem:
        number = _line_of(node, [int(name) if name.isdigit() else name for name in problem[0].split(".")])
        raise ConfigurationError(f"{source}:{number}: {problem[0]}: {problem[1]}")
    return section


def complaint(path: Path, field: str, sentence: str) -> ConfigurationError:
    """What is wrong with a dotted field of a file that parses, for what only its reader can find out."""
    node = yaml.compose(read(path), Loader=yaml.SafeLoader)
    number = _line_of(node, [int(name) if name.isdigit() else name for name in field.split(".")])
    return ConfigurationError(f"{path}:{number}: {field}: {sentence}")


def folder_trouble(folder: Path) -> str | None:
    """Why nothing can be written into a folder that is made when it is needed, or None."""
    there = next(each for each in (folder, *folder.parents) if each.exists() or each.is_symlink())
    if not there.is_dir():
        return f"{folder} cannot be a folder, because {there} is something else: name another one"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"{folder} cannot be written by this user: give it to them (chown), or name another folder"
    return None


def clock_warning(speed: float) -> str:
    """What check-config says of a clock that is not the wall's."""
    return f"warning: clock_speed is {speed:g}, for simulations only: a real aircraft or vehicle needs 1 (leave it out)"


def _decode(kind: type, value: object) -> object:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise TypeError(f"expected a {kind.__name__.lower()}, got `{type(value).__name__}`")


def _refuse_strange(text: str, source: str) -> None:
    """No aliases (a few lines of them expand without end), no tags (they change what is written), no deep nesting (slow)."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise ConfigurationError(f"{source}:{line}: is nested too deeply; such a file is not a configuration")
        if getattr(event, "anchor", None) is not None:
            raise ConfigurationError(f"{source}:{line}: anchors and aliases (& and *) are not taken here; write the value out")
        if getattr(event, "tag", None) is not None:
            raise ConfigurationError(f"{source}:{line}: tags (!) are not taken here; write the value alone")


def _refuse_duplicates(node: yaml.Node | None, source: str) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.tag != "tag:yaml.org,2002:str":
                raise ConfigurationError(
                    f"{source}:{key.start_mark.line + 1}: a field's name is a word; this is something else"
                )
            if key.value in seen:
                raise ConfigurationError(f"{source}:{key.start_mark.line + 1}: {key.value}: is given twice; keep one")
            seen.add(str(key.value))
            _refuse_duplicates(value, source)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_duplicates(value, source)


def _explain(message: str, node: yaml.Node | None, kind: type[Section], source: str) -> str:
    problem, _, path = message.partition(" - at `$")
    steps = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", path)
    unknown = re.search(r"unknown field `(.*?)`", problem)
    lacking = re.search(r"missing required field `(.*?)`", problem)
    names: list[str | int] = [name or int(index) for name, index in steps]
    if unknown:
        problem = f"there is no such field{_suggestion(unknown[1], _fields_at(kind, names, node))}"
        names.append(unknown[1])
    elif lacking:
        names.append(lacking[1])
        values = _values_at(kind, names, node)
        problem = f"is missing; write one of {', '.join(values)}" if values else explain.missing(_types_at(kind, names, node))
    else:
        problem = _wrong(kind, names, node) or problem[0].lower() + problem[1:]
    field = ".".join(str(name) for name in names) or "the file"
    return f"{source}:{_line_of(node, names)}: {field}: {problem}"


def _wrong(kind: type[Section], names: list[str | int], node: yaml.Node | None) -> str:
    here = node
    for name in names:
        here = _child(here, name)
    values = _values_at(kind, names, node)
    if isinstance(here, yaml.ScalarNode) and values:
        near = difflib.get_close_matches(str(here.value), values, n=1)
        guess = f"; did you mean {near[0]}?" if near else ""
        return f'must be one of {", ".join(values)}; "{here.value[:_QUOTED_LENGTH]}" is not{guess}'
    return explain.wrong(_types_at(kind, names, node), here)


def _line_of(node: yaml.Node | None, names: list[str | int]) -> int:
    line = 1
    for name in names:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == name), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
            node = node.value[name]
            line = node.start_mark.line + 1
    return line


def _fields_at(kind: type[msgspec.Struct], names: list[str | int], node: yaml.Node | None) -> list[str]:
    structs = [each for each in _types_at(kind, names, node) if isinstance(each, inspect.StructType)]
    if len(structs) != 1:
        return []
    tag = structs[0].tag_field
    return [*([tag] if tag else []), *(field.encode_name for field in structs[0].fields)]


def _values_at(kind: type[msgspec.Struct], names: list[str | int], node: yaml.Node | None) -> list[str]:
    """What may stand there, where that is a list of words."""
    values: list[str] = []
    for each in _types_at(kind, names, node):
        if isinstance(each, inspect.LiteralType):
            values += [str(value) for value in each.values]
        elif isinstance(each, inspect.EnumType):
            values += [str(member.value) for member in each.cls]
    if not names:
        return values
    outer = _types_at(kind, names[:-1], None)
    values += [str(each.tag) for each in outer if isinstance(each, inspect.StructType) and each.tag_field == names[-1]]
    return values


def _types_at(kind: type[msgspec.Struct], names: list[str | int], node: yaml.Node | None) -> list[inspect.Type]:
    """What kinds of value a field may have; the node tells which of several tagged structs is meant."""
    here = _flat(inspect.type_info(kind))
    for name in names:
        if isinstance(name, int):
            inner = [each.item_type for each in here if isinstance(each, inspect.VarTupleType | inspect.ListType)]
        else:
            structs = [each for each in here if isinstance(each, inspect.StructType)]
            inner = [field.type for each in structs for field in each.fields if field.encode_name == name]
        node = _child(node, name)
        here = _meant([each for one in inner for each in _flat(one)], node)
    return here


def _flat(kind: inspect.Type) -> list[inspect.Type]:
    return [each for one in kind.types for each in _flat(one)] if isinstance(kind, inspect.UnionType) else [kind]


def _meant(kinds: list[inspect.Type], node: yaml.Node | None) -> list[inspect.Type]:
    tags = {k.value: v.value for k, v in node.value} if isinstance(node, yaml.MappingNode) else {}
    meant = [each for each in kinds if isinstance(each, inspect.StructType) and tags.get(each.tag_field, "") == each.tag]
    return list(meant) or kinds


def _child(node: yaml.Node | None, name: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == name), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
        return node.value[name]  # type: ignore[no-any-return]
    return None


def _suggestion(name: str, fields: list[str]) -> str:
    near = difflib.get_close_matches(name, fields, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; possible are {', '.join(fields)}" if fields else ""
