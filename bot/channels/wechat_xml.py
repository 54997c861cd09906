"""WeChat's XML: a push read into its fields without DTD or entities, and our answers written."""

import re
from typing import cast
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from bot.channels.wechat_crypto import Sealed

Fields = dict[str, str]

_DEEPEST = 8  # pushes nest two or three levels; a tower of tags is not one of them
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Malformed(Exception):
    """Not XML as the platform writes it."""


def fields_in(body: bytes) -> Fields:
    """The texts of the elements under `<xml>`, by their path (`Content`, `List/MsgID`); of two alike the first.

    Raises Malformed.
    """
    parser = DefusedXMLParser(target=_Flat(), forbid_dtd=True)
    try:
        parser.feed(body)
        return cast(Fields, parser.close())
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed(type(error).__name__) from error


class _Flat:
    """Gathers the fields while the parser reads, so that nothing is built that nobody wants."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._fields: Fields = {}

    def start(self, tag: str, attributes: object) -> None:
        self._path.append(tag)
        if self._path[0] != "xml" or len(self._path) > _DEEPEST:
            raise Malformed("elements")
        self._text.clear()

    def data(self, text: str) -> None:
        self._text.append(text)

    def end(self, tag: str) -> None:
        if len(self._path) > 1:
            self._fields.setdefault("/".join(self._path[1:]), "".join(self._text))
        self._text.clear()
        self._path.pop()

    def close(self) -> Fields:
        return self._fields


def text_answer(to: str, sender: str, text: str, created: int) -> str:
    """A passive reply; `to` is the person's address, `sender` the account's."""
    return (
        f"<xml><ToUserName>{_cdata(to)}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{created}</CreateTime><MsgType>{_cdata('text')}</MsgType>"
        f"<Content>{_cdata(text)}</Content></xml>"
    )


def sealed_answer(sealed: Sealed) -> str:
    return (
        f"<xml><Encrypt>{_cdata(sealed.text)}</Encrypt><MsgSignature>{_cdata(sealed.signature)}</MsgSignature>"
        f"<TimeStamp>{sealed.timestamp}</TimeStamp><Nonce>{_cdata(sealed.nonce)}</Nonce></xml>"
    )


def _cdata(text: str) -> str:
    """What XML cannot carry is left out; what would end the section begins a new one."""
    legal = _ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{legal}]]>"
