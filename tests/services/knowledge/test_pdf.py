"""PDF files: text joined across lines and pages; scanned, locked, endless and torn ones refused."""

import io
import zlib

import pytest
from pypdf import PdfReader, PdfWriter

from services.knowledge.reading import sandbox
from services.knowledge.reading.documents import read_document
from services.knowledge.reading.passages import ClauseKind
from services.knowledge.reading.sandbox import blocks_of
from services.knowledge.reading.unreadable import DocumentUnreadable, Unreadable

UNICODE = (
    b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange"
)


def printed(pages: list[list[str]]) -> bytes:
    """A PDF whose font maps each code to the same character."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(pages), b" ".join(b"%d 0 R" % (6 + 2 * at) for at in range(len(pages)))),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [4 0 R]"
        b" /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        stream(UNICODE),
    ]
    for lines in pages:
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (len(objects) + 2)
        )
        shown = b" T* ".join(b"<%s> Tj" % line.encode("utf-16-be").hex().encode() for line in lines)
        objects.append(stream(b"BT /F 12 Tf 14 TL 50 750 Td " + shown + b" ET"))
    return assembled(objects)


def stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def assembled(objects: list[bytes]) -> bytes:
    file = io.BytesIO(b"%PDF-1.7\n")
    file.seek(0, io.SEEK_END)
    places = []
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    file.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table))
    return file.getvalue()


def refusal(content: bytes, name: str = "a.pdf") -> Unreadable:
    with pytest.raises(DocumentUnreadable) as refused:
        read_document(name, content)
    return refused.value.reason


def locked(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(printed([["第一条 正文。"]]))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_a_policy_is_read_across_lines_and_pages_without_running_heads() -> None:
    head, foot = "青禾区文件", "- {} -"
    pages = [
        [head, "青禾区博士后办法", "第一条 为了引进博士后，推动产业与人", foot.format(1)],
        [head, "才融合，制定本办法。", "第二条 每人补助五万元，", foot.format(2)],
        [head, "按月发放。", foot.format(3)],
    ]
    read = read_document("办法.pdf", printed(pages))
    assert read.title == "青禾区博士后办法"
    assert [(one.label, one.text) for one in read.passages] == [
        ("第一条", "第一条 为了引进博士后，推动产业与人才融合，制定本办法。"),
        ("第二条", "第二条 每人补助五万元，按月发放。"),
    ]


def test_a_file_that_only_forbids_changes_is_read() -> None:
    assert read_document("a.pdf", locked("")).passages[0].label == "第一条"


def test_a_locked_file_is_refused() -> None:
    assert refusal(locked("secret")) is Unreadable.ENCRYPTED


def test_a_scanned_file_is_refused() -> None:
    assert refusal(printed([[], []])) is Unreadable.NO_TEXT


def test_ten_thousand_pages_are_refused() -> None:
    assert refusal(printed([[]] * 10_000)) is Unreadable.TOO_MANY_PAGES


def test_a_page_that_swells_is_refused() -> None:
    packed = zlib.compress(b"(a) Tj " * 40_000_000, 9)
    bomb = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    pages = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    content = assembled([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, bomb])
    assert refusal(content) in (Unreadable.BROKEN, Unreadable.TOO_LARGE, Unreadable.NO_TEXT)


def test_pages_that_contain_themselves_are_refused() -> None:
    pages = b"<< /Type /Pages /Count 1 /Kids [2 0 R] >>"
    content = assembled([b"<< /Type /Catalog /Pages 2 0 R >>", pages])
    assert refusal(content) in (Unreadable.BROKEN, Unreadable.EMPTY, Unreadable.TOO_LARGE)


def test_a_parser_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.001)
    assert refusal(printed([["第一条 正文。"]])) is Unreadable.TOO_SLOW


def test_torn_and_foreign_files_are_told_apart() -> None:
    assert refusal(b"%PDF-1.7\nnothing else") is Unreadable.BROKEN
    assert refusal(b"PK\x03\x04 not a pdf") is Unreadable.WRONG_TYPE
    assert refusal(printed([["正文。"]]), "a.md") is Unreadable.WRONG_TYPE


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_parsing_here_raises_nothing_else_either(kind: str) -> None:
    with pytest.raises(DocumentUnreadable):
        blocks_of(kind, b"%PDF-1.7 PK\x03\x04")


def test_lines_of_as_many_cells_are_the_rows_of_a_table() -> None:
    table = ["类别 补贴标准 条件", "进站生活 5万元 全职在站", "出站留区 10万元 签订合同"]
    read = read_document(
        "a.pdf", printed([["青禾区补贴办法", "第一条 标准如下：", *table, "第二条 本办法即日施行。"]])
    )
    assert [(one.label, one.text) for one in read.passages] == [
        ("第一条", "第一条 标准如下："),
        ("第一条·第1行", "类别：进站生活；补贴标准：5万元；条件：全职在站"),
        ("第一条·第2行", "类别：出站留区；补贴标准：10万元；条件：签订合同"),
        ("第二条", "第二条 本办法即日施行。"),
    ]


def test_gaps_beside_figures_make_no_table() -> None:
    lines = ["第一条 本办法自 2026 年起", "在全区 5 个街道试行 3 年。", "联系 电话", "另行公布"]
    read = read_document("a.pdf", printed([["青禾区补贴办法", *lines]]))
    assert all(one.kind is ClauseKind.TEXT for one in read.passages)
