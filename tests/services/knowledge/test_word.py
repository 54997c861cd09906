"""Word files: headings, the numbers Word prints by itself, merged cells, tracked changes; and hostile ones."""

import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from services.knowledge.reading.blocks import Block, Paragraph, Table
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import ClauseKind
from services.knowledge.reading.sandbox import blocks_of
from services.knowledge.reading.unreadable import OLD_OFFICE, DocumentUnreadable, Unreadable

W = nsdecls("w")
LEVELS = (("chineseCountingThousand", "第%1条"), ("chineseCounting", "（%2）"), ("decimal", "%3."))


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def blocks(document: Document) -> list[Block]:
    return blocks_of("docx", saved(document))


def said(document: Document) -> list[str]:
    return [block.text for block in blocks(document) if isinstance(block, Paragraph)]


def refusal(content: bytes, name: str = "a.docx") -> Unreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        read_document(name, content)
    return refused.value.reason


def repacked(change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    document = docx.Document()
    document.add_paragraph("第一条 正文。")
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(document))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, content in more.items():
            new.writestr(f"word/{name}.xml", content)
    return file.getvalue()


def test_a_policy_is_read_with_headings_and_a_table() -> None:
    document = docx.Document()
    document.add_heading("青禾区博士后办法", 0)
    document.add_heading("一、总则", 1)
    document.add_paragraph("为了引进博士后，制定本办法。")
    document.add_heading("二、标准", 1)
    table = document.add_table(3, 3)
    cells = (
        ("工作任务", "工作举措", "责任单位"),
        ("引才", "办活动", "区甲局\n区乙局"),
        ("", "发补助", "区丙局"),
    )
    for row, line in enumerate(cells):
        for column, text in enumerate(line):
            table.cell(row, column).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    read = read_document("办法.docx", saved(document))
    assert (read.title, [one.label for one in read.passages]) == (
        "青禾区博士后办法",
        ["一", "二·第1行", "二·第2行"],
    )
    assert read.passages[1].units == ("区甲局", "区乙局")
    assert read.passages[2].headings == ("二、标准", "引才")
    assert read.passages[2].kind is ClauseKind.ROW


def test_numbers_that_word_prints_are_counted() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (form, text) in enumerate(LEVELS)
    )
    numbering.insert(0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="77">{levels}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {W} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    depths = (0, 1, 2, 2, 1, 0, 1)
    for depth in depths:
        properties = document.add_paragraph("正文。")._p.get_or_add_pPr()
        properties.append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="77"/></w:numPr>'))
    assert said(document) == [
        *(
            "第一条正文。",
            "（一）正文。",
            "1.正文。",
            "2.正文。",
            "（二）正文。",
            "第二条正文。",
            "（一）正文。",
        )
    ]


def test_cells_merged_both_ways_are_repeated() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for row in range(3):
        for column in range(3):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(1, 0).merge(table.cell(2, 1)).text = "合并"
    (read,) = blocks(document)
    assert isinstance(read, Table)
    assert read.rows[1:] == (("合并", "合并", "12"), ("合并", "合并", "22"))


def test_a_title_row_over_a_table_is_a_paragraph() -> None:
    document = docx.Document()
    table = document.add_table(3, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "补助标准"
    for at, text in enumerate(("对象", "金额", "博士", "3万元")):
        table.cell(1 + at // 2, at % 2).text = text
    first, second = blocks(document)
    assert first == Paragraph("补助标准")
    assert isinstance(second, Table)
    assert second.rows == (("对象", "金额"), ("博士", "3万元"))


def test_insertions_are_read_and_deletions_are_not() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("每人")._p
    paragraph.append(parse_xml(f"<w:ins {W}><w:r><w:t>五</w:t></w:r></w:ins>"))
    paragraph.append(parse_xml(f"<w:del {W}><w:r><w:delText>三</w:delText></w:r></w:del>"))
    assert said(document) == ["每人五"]


def test_a_content_control_is_read() -> None:
    document = docx.Document()
    wrapped = (
        f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>第一条 正文。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(wrapped))
    assert said(document) == ["第一条正文。"]


def test_an_absurd_span_is_cut() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "宽", "窄", "下"
    table.cell(0, 1)._tc.get_or_add_tcPr().append(parse_xml(f'<w:gridSpan {W} w:val="999999999"/>'))
    (read,) = blocks(document)
    assert isinstance(read, Table)
    assert [len(row) for row in read.rows] == [100, 100]


@pytest.mark.parametrize(
    "declared",
    ['<!DOCTYPE w [<!ENTITY a "x">]>', '<!DOCTYPE w SYSTEM "file:///etc/passwd">'],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_declared_entities_are_refused(declared: str, encoding: str) -> None:
    def change(name: str, content: bytes) -> bytes:
        if name != "word/document.xml":
            return content
        text = content.decode().replace("?>", f"?>{declared}", 1).replace("UTF-8", encoding)
        return text.encode(encoding)

    assert refusal(repacked(change)) is Unreadable.UNSAFE


def test_a_zip_bomb_is_refused_before_it_swells() -> None:
    assert refusal(repacked(lambda _, content: content, bomb=b"0" * (31 * 2**20))) is Unreadable.TOO_LARGE


def test_endless_nesting_is_refused() -> None:
    def change(name: str, content: bytes) -> bytes:
        deep = b"<w:sdt><w:sdtContent>" * 20_000 + b"</w:sdtContent></w:sdt>" * 20_000
        return content.replace(b"<w:body>", b"<w:body>" + deep) if name == "word/document.xml" else content

    assert refusal(repacked(change)) is Unreadable.BROKEN


def test_too_many_parts_are_refused() -> None:
    more = {f"part{at}": b"<a/>" for at in range(2_001)}
    assert refusal(repacked(lambda _, content: content, **more)) is Unreadable.TOO_LARGE


def test_too_many_paragraphs_are_refused() -> None:
    def change(name: str, content: bytes) -> bytes:
        many = b"<w:p><w:r><w:t>1.a</w:t></w:r></w:p>" * 60_000
        return content.replace(b"<w:body>", b"<w:body>" + many) if name == "word/document.xml" else content

    assert refusal(repacked(change)) is Unreadable.TOO_LONG


def test_old_locked_foreign_and_torn_files_are_told_apart() -> None:
    whole = repacked(lambda _, content: content)
    assert refusal(OLD_OFFICE + b"Word.Document.8") is Unreadable.OLD_WORD
    assert refusal(OLD_OFFICE + "EncryptedPackage".encode("utf-16-le")) is Unreadable.ENCRYPTED
    assert refusal(b"%PDF-1.7") is Unreadable.WRONG_TYPE
    assert refusal(whole, "a.txt") is Unreadable.WRONG_TYPE
    assert refusal(whole[:-200]) is Unreadable.BROKEN
    sheet = io.BytesIO()
    with zipfile.ZipFile(sheet, "w") as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
    assert refusal(sheet.getvalue()) is Unreadable.WRONG_TYPE


def test_an_empty_document_is_told_so() -> None:
    assert refusal(saved(docx.Document())) is Unreadable.EMPTY
