"""Writing UBL: groups and values in their namespaces. What has no text is left out: empty elements are forbidden."""

from lxml import etree

from suppliers.connectors.jsondata import UNPRINTABLE
from suppliers.connectors.peppol.names import CAC, CBC, PREFIXES


def new_document(tag: str) -> etree._Element:
    """The root; its namespace is the default one."""
    names: dict[str | None, str] = {None: tag[1:].partition("}")[0]}
    names.update(PREFIXES)
    return etree.Element(tag, nsmap=names)  # type: ignore[arg-type]  # the stubs know no default namespace


def group(parent: etree._Element, *path: str) -> etree._Element:
    """A new group in `parent`, or a chain of them, one in the other; the last one."""
    for name in path:
        parent = etree.SubElement(parent, f"{{{CAC}}}{name}")
    return parent


def value(parent: etree._Element, name: str, text: str, **attributes: str) -> None:
    clean = UNPRINTABLE.sub(" ", text).strip()
    if clean:
        etree.SubElement(parent, f"{{{CBC}}}{name}", attributes).text = clean


def written(root: etree._Element) -> bytes:
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return body
