"""What the firehose sends: DAG-CBOR frames, and records with their CIDs in CAR files."""

import hashlib
from typing import Any

import libipld

Json = dict[str, Any]
# CID version 1, DAG-CBOR, SHA-256 of 32 bytes.
CID_HEAD = bytes([0x01, 0x71, 0x12, 0x20])


def ipld(value: Any) -> Any:
    """JSON of the platform as DAG-CBOR holds it: links are the bytes of their CID."""
    if isinstance(value, dict):
        if set(value) == {"$link"}:
            return cid_bytes(value["$link"])
        return {key: ipld(inner) for key, inner in value.items()}
    return [ipld(inner) for inner in value] if isinstance(value, list) else value


def cid_bytes(cid: str) -> bytes:
    """The bytes behind a CID's letters."""
    _, data = libipld.decode_multibase(cid)
    return bytes(data)


def raw_cid(data: bytes) -> bytes:
    """The CID of these bytes."""
    return CID_HEAD + hashlib.sha256(data).digest()


def cid_of(record: Json) -> str:
    """The CID of a record: its version."""
    return str(libipld.encode_cid(raw_cid(libipld.encode_dag_cbor(ipld(record)))))


def message(kind: str, body: Json) -> bytes:
    """A frame of this kind."""
    return bytes(libipld.encode_dag_cbor({"op": 1, "t": kind}) + libipld.encode_dag_cbor(body))


def error(name: str, words: str) -> bytes:
    """The frame before a connection is closed on somebody."""
    return bytes(libipld.encode_dag_cbor({"op": -1}) + libipld.encode_dag_cbor({"error": name, "message": words}))


def commit(seq: int, did: str, action: str, path: str, record: Json | None, at: str) -> bytes:
    """One change of one account's repository."""
    root = libipld.encode_dag_cbor({"did": did, "version": 3, "rev": str(seq)})
    blocks = [bytes(root)]
    op: Json = {"action": action, "path": path, "cid": None}
    if record is not None:
        blocks.append(bytes(libipld.encode_dag_cbor(ipld(record))))
        op["cid"] = raw_cid(blocks[-1])
    body = {
        "seq": seq,
        "repo": did,
        "time": at,
        "rev": str(seq),
        "since": None,
        "commit": raw_cid(blocks[0]),
        "ops": [op],
        "blocks": _car(blocks),
        "blobs": [],
        "rebase": False,
        "tooBig": False,
    }
    return message("#commit", body)


def _car(blocks: list[bytes]) -> bytes:
    head = bytes(libipld.encode_dag_cbor({"roots": [raw_cid(blocks[0])], "version": 1}))
    parts = [head, *(raw_cid(block) + block for block in blocks)]
    return b"".join(_varint(len(part)) + part for part in parts)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
