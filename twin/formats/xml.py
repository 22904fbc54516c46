"""XML that comes from strangers: no entities, no document type, no network."""

from pathlib import Path

from lxml import etree

from twin.city import CityError
from twin.formats.packed import read_bytes


def read_xml(path: str | Path) -> etree._Element:
    """Parse an XML file, packed or not.

    Raises
    ------
    CityError
        As `twin.formats.packed.read_bytes`; not well formed; nested deeper than 256; or with a DOCTYPE, which geodata
        does not need and entity bombs do.
    """
    data = read_bytes(path)
    if not data.strip():
        raise CityError(f"{path}: is empty; download it again")
    _refuse_doctype(path, b"<!DOCTYPE" in data[:100_000].upper())
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CityError(f"{path}: is not well-formed XML ({error}); download it again") from error
    _refuse_doctype(path, root.getroottree().docinfo.internalDTD is not None)
    return root


def _refuse_doctype(path: str | Path, found: bool) -> None:
    if found:
        raise CityError(f"{path}: has a DOCTYPE, which may hide an entity bomb; remove it and try again")
