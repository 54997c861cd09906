"""The door opens for the platform alone, in every mode, and for nothing hostile."""

import base64
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat_crypto import SafeMode, Undecipherable, Unsigned, signature
from bot.channels.wechat_push import Door
from bot.channels.wechat_updates import Heard, Outcome, heard
from bot.channels.wechat_xml import Malformed, fields_in
from services.arrivals import Arrival
from services.messaging import UpdateKind
from tests.bot.channels.platform import AES_KEY, APP_ID, PERSON, TOKEN, Platform, encrypt, encrypt_raw

REFUSED = (Unsigned, Malformed, Undecipherable)
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture
def platform() -> Platform:
    return Platform(now=NOW.timestamp())


@pytest.fixture
def door() -> Door:
    return Door(TOKEN, SafeMode(TOKEN, AES_KEY, APP_ID), NOW.timestamp)


def test_the_platforms_own_example_of_a_signature() -> None:
    assert signature("AAAAA", "1714037059", "486452656") == "899cf89e464efb63f54ddac96b0a0a235f53aa78"


def test_only_a_recent_signature_by_our_token_passes(door: Door, platform: Platform) -> None:
    query = platform.query()
    door.check(query)
    for wrong in (
        {},
        {**query, "signature": ""},
        {**query, "signature": query["signature"].upper()},
        {**query, "signature": "签" * 40},
        {**query, "nonce": query["nonce"] + "1"},
        {**query, "timestamp": "later"},
        Platform(now=platform.now - 601).query(),
        Platform(now=platform.now + 601).query(),
    ):
        with pytest.raises(Unsigned):
            door.check(wrong)


def test_without_a_token_nobody_is_let_in(platform: Platform) -> None:
    empty = {"signature": signature("", "1", "2"), "timestamp": "1", "nonce": "2"}
    with pytest.raises(Unsigned):
        Door("", None, lambda: 1.0).check(empty)


@pytest.mark.parametrize("safe", [False, True])
def test_a_push_is_read_and_its_answer_comes_back_the_same_way(door: Door, safe: bool) -> None:
    platform = Platform(safe, NOW.timestamp())
    push = door.open(*platform.push(platform.message(Content="博士后 <补贴> & “]]”")))
    assert push.fields["Content"] == "博士后 <补贴> & “]]”"
    said = 'a]]>b\x00\x0b<c>&amp;"😀\ufffe'
    assert platform.answer(push.answer(said, int(platform.now)))["Content"] == 'a]]>b<c>&amp;"😀'


def test_compatible_mode_trusts_what_is_sealed_and_not_what_stands_beside_it(door: Door) -> None:
    platform = Platform(True, NOW.timestamp())
    query, body = platform.push(platform.message(Content="真"))
    both = body.replace(b"<xml>", b"<xml><Content>false</Content><FromUserName>somebody</FromUserName>")
    push = door.open(query, both)
    assert (push.fields["Content"], push.fields["FromUserName"]) == ("真", PERSON)
    assert push.safe is not None


def test_a_nonce_serves_one_message_however_often_that_is_repeated(door: Door, platform: Platform) -> None:
    push = door.open(*platform.push(platform.message(Content="一")))
    door.admit(push, "one")
    door.admit(push, "one")
    with pytest.raises(Unsigned):
        door.admit(push, "another")


def test_nonces_are_forgotten_when_their_time_is_over(platform: Platform) -> None:
    clock = [NOW.timestamp()]
    door = Door(TOKEN, None, lambda: clock[0])
    for minute in range(60):
        clock[0] = NOW.timestamp() + 60 * minute
        platform.now = clock[0]
        for name in range(10):
            door.admit(door.open(*platform.push(platform.message())), str(name))
    assert len(door._seen) <= 10 * 21


def wrong_seals(platform: Platform) -> dict[str, str]:
    xml = platform.message(Content="x").encode()
    good = encrypt(xml)
    raw = bytearray(base64.b64decode(good))
    raw[40] ^= 1
    head = b"r" * 16 + struct.pack(">I", len(xml)) + xml + APP_ID.encode()
    return {
        "another account": encrypt(xml, "wxffffffffffffffff"),
        "a length that lies": encrypt(xml, length=2**32 - 1),
        "a length too short": encrypt(xml, length=3),
        "a changed block": base64.b64encode(raw).decode(),
        "cut in a block": base64.b64encode(raw[:-7]).decode(),
        "one block": base64.b64encode(raw[:16]).decode(),
        "nothing": "",
        "not base64": "!!!",
        "not ASCII": "é",
        "no padding": encrypt_raw(head + b"\0" * (32 - len(head) % 32)),
        "padding past the beginning": encrypt_raw(bytes([32]) * 32),
    }


@pytest.mark.parametrize("name", list(wrong_seals(Platform())))
def test_a_signed_push_that_is_sealed_wrongly_is_refused(door: Door, platform: Platform, name: str) -> None:
    with pytest.raises((Undecipherable, Malformed)):
        door.open(*platform.sealed(platform.query(), wrong_seals(platform)[name]))


def test_the_seal_needs_its_own_signature(door: Door, platform: Platform) -> None:
    query, body = platform.sealed(platform.query(), encrypt(b"<xml/>"))
    for wrong in ({**query, "msg_signature": "0" * 40}, {**query, "msg_signature": ""}):
        with pytest.raises(Unsigned):
            door.open(wrong, body)


def test_an_account_in_safe_mode_can_refuse_what_is_not_sealed(platform: Platform) -> None:
    door = Door(TOKEN, SafeMode(TOKEN, AES_KEY, APP_ID), NOW.timestamp, encrypted_only=True)
    with pytest.raises(Unsigned):
        door.open(*platform.push(platform.message()))
    platform.safe = True
    assert door.open(*platform.push(platform.message(Content="好"))).fields["Content"] == "好"


def test_without_a_key_nothing_sealed_is_read(platform: Platform) -> None:
    with pytest.raises(Undecipherable):
        Door(TOKEN, None, NOW.timestamp).open(*platform.sealed(platform.query(), encrypt(b"<xml/>")))


@pytest.mark.parametrize(
    "body",
    [
        "<!DOCTYPE xml [<!ENTITY a 'x'>]><xml><Content>&a;</Content></xml>",
        "<!DOCTYPE xml SYSTEM 'http://127.0.0.1:1/x'><xml/>",
        "<!DOCTYPE xml><xml/>",
        "<xml><Content>&unknown;</Content></xml>",
        "<xml>" + "<a>" * 9_000,
        "<?xml version='1.0' encoding='gbk'?><xml><a>x</a></xml>",
        "<?xml version='1.0' encoding='no-such'?><xml/>",
        "<foo/>",
        '{"a": 1}',
        "",
    ],
)
def test_hostile_xml_is_refused_before_anything_is_expanded(body: str) -> None:
    with pytest.raises(Malformed):
        fields_in(body.encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    door = Door(TOKEN, SafeMode(TOKEN, AES_KEY, APP_ID), NOW.timestamp)
    platform = Platform(now=NOW.timestamp())
    for query in (platform.query(), platform.query(encrypt_type="aes", msg_signature="x")):
        try:
            heard(door.open(query, body).fields, NOW)
        except REFUSED:
            continue


@given(st.dictionaries(st.sampled_from(["MsgType", "Event", "EventKey", "MsgId", "CreateTime"]), st.text()))
def test_any_fields_mean_something_or_are_refused(some: dict[str, str]) -> None:
    try:
        found = heard({"ToUserName": "gh", "FromUserName": "o1", **some}, NOW)
    except Malformed:
        return
    if isinstance(found, Heard):
        assert 0 < len(found.update.update_id) <= 80
        assert found.happened_at <= NOW
        assert Heard.unpacked(found.packed()) == found


MEANINGS: list[tuple[dict[str, str], UpdateKind, str]] = [
    ({"MsgType": "text", "Content": "补贴"}, UpdateKind.TEXT, "补贴"),
    ({"MsgType": "text", "Content": "满意", "bizmsgmenuid": "offer:1:2"}, UpdateKind.CHOICE, "offer:1:2"),
    ({"MsgType": "voice", "Recognition": "补贴。"}, UpdateKind.TEXT, "补贴。"),
    ({"MsgType": "voice", "Recognition": ""}, UpdateKind.MEDIA, "voice"),
    ({"MsgType": "image"}, UpdateKind.MEDIA, "photo"),
    ({"MsgType": "shortvideo"}, UpdateKind.MEDIA, "video"),
    ({"MsgType": "location"}, UpdateKind.MEDIA, "location"),
    ({"MsgType": "link"}, UpdateKind.MEDIA, "link"),
    ({"MsgType": "hologram"}, UpdateKind.MEDIA, "file"),
    ({"MsgType": "event", "Event": "subscribe"}, UpdateKind.JOIN, ""),
    ({"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_event-12"}, UpdateKind.JOIN, "event-12"),
    ({"MsgType": "event", "Event": "SCAN", "EventKey": "event-12"}, UpdateKind.SCAN, "event-12"),
    ({"MsgType": "event", "Event": "unsubscribe"}, UpdateKind.LEAVE, ""),
    ({"MsgType": "event", "Event": "CLICK", "EventKey": "menu"}, UpdateKind.CHOICE, "menu"),
    ({"MsgType": "event", "Event": "CLICK", "EventKey": "say:近期活动"}, UpdateKind.TEXT, "近期活动"),
]


@pytest.mark.parametrize(("fields", "kind", "text"), MEANINGS)
def test_what_a_push_means(fields: dict[str, str], kind: UpdateKind, text: str) -> None:
    found = read(MsgId="7", CreateTime="1795491000", **fields)
    assert isinstance(found, Heard)
    assert (found.update.kind, found.update.text) == (kind, text)


def test_what_needs_no_answer_is_acknowledged() -> None:
    for event in ("VIEW", "LOCATION", "brand_new"):
        assert read(MsgType="event", Event=event) is None


def test_the_outcome_of_a_template_message_is_no_update() -> None:
    sent = read(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="200", Status="success")
    blocked = read(MsgType="event", Event="TEMPLATESENDJOBFINISH", MsgID="201", Status="failed:user block")
    assert sent == Outcome(PERSON, "200", Arrival.ARRIVED)
    assert blocked == Outcome(PERSON, "201", Arrival.BLOCKED)
    for unheard in ({"MsgID": "202", "Status": "later"}, {"MsgID": "2 2", "Status": "success"}, {}):
        assert read(MsgType="event", Event="TEMPLATESENDJOBFINISH", **unheard) is None


def read(**fields: Any) -> object:
    return heard({"ToUserName": "gh", "FromUserName": PERSON, **fields}, NOW)
