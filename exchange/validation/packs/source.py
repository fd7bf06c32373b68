"""Where a pack lies: a folder as it is, or a zip unpacked with care into a folder of the process.

Unpacking refuses names that lead out of the folder, links, and archives that unfold to more than the limits.
"""

from __future__ import annotations

import atexit
import hashlib
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from exchange.validation.packs.errors import PackError

MOST_FILES = 20_000
MOST_BYTES = 512 * 1024 * 1024
"""Largest pack, unpacked, in bytes."""
KINDS = (".xsd", ".sch", ".csv", ".yaml", ".yml", ".xsl", ".xslt", ".xml", ".dtd", ".ent")
"""What a pack may need; other files of an archive are left packed."""


def scratch() -> Path:
    """Return a new folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="corridor-pack-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _checked(archive: zipfile.ZipFile, path: Path) -> list[zipfile.ZipInfo]:
    wanted: list[zipfile.ZipInfo] = []
    for entry in archive.infolist():
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            raise PackError(f"{path}: the name {entry.filename} leads out of the pack; pack it anew")
        if entry.is_dir() or name.suffix.lower() not in KINDS:
            continue
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise PackError(f"{path}: {entry.filename} is a link; put the file itself into the pack")
        if entry.flag_bits & 1:
            raise PackError(f"{path}: {entry.filename} is encrypted; a pack is not")
        wanted.append(entry)
    if len(wanted) > MOST_FILES or sum(entry.file_size for entry in wanted) > MOST_BYTES:
        limit = f"{MOST_FILES:,} files and {MOST_BYTES // 2**20} MB"
        raise PackError(f"{path} unfolds to more than {limit}; leave out what is no schema")
    return wanted


def _unzipped(path: Path) -> Path:
    folder = scratch() / (path.stem or "pack")  # a pack without a name is called after its folder
    folder.mkdir()
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in _checked(archive, path):
                target = folder.joinpath(*PurePosixPath(entry.filename.replace("\\", "/")).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source:
                    # What the directory of the archive says of the size need not be true.
                    data = source.read(entry.file_size + 1)
                if len(data) > entry.file_size:
                    raise PackError(f"{path}: {entry.filename} is larger than the archive says; pack it anew")
                target.write_bytes(data)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise PackError(f"{path} cannot be unpacked: {error}") from error
    return folder


def folder_of(path: Path) -> Path:
    """Return the folder of the pack at ``path``; raise :class:`PackError` if there is none."""
    if path.is_dir():
        return path
    if not path.exists():
        raise PackError(f"there is no pack {path}; name a folder or a zip with schemas")
    if not zipfile.is_zipfile(path):
        raise PackError(f"{path} is neither a folder nor a zip; for one schema use --schema")
    folder = _unzipped(path)
    inside = [entry for entry in folder.iterdir() if entry.name != "__MACOSX"]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def digest(files: list[Path], salt: str) -> str:
    """Return the SHA-256 of the contents of ``files`` and ``salt`` as hexadecimal text."""
    whole = hashlib.sha256(salt.encode())
    for file in files:
        whole.update(f"\0{file.name}\0".encode("utf-8", "surrogateescape"))
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


__all__ = ["KINDS", "MOST_BYTES", "MOST_FILES", "digest", "folder_of", "scratch"]
