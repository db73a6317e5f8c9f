#!/usr/bin/env python3
"""Checks an audit export (JSON Lines) without the platform: verify_audit_export.py EXPORT [SEQ:HASH of the Audit-Head header]"""
import hashlib
import json
import sys

OUTSIDE = ("hash", "address", "request_id")  # members of a line that the hash does not cover


def canonical(value):  # RFC 8785, for the ASCII keys and whole numbers that audit rows have
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def check(lines, head):
    seq = prev = None
    for line in lines:
        row = json.loads(line)
        hashed = {name: value for name, value in row.items() if name not in OUTSIDE}
        if seq is not None and row["seq"] != seq + 1:
            return f"row {seq + 1} should stand where row {row['seq']} does: it was dropped or moved"
        if hashlib.sha256(canonical(hashed)).hexdigest() != row["hash"]:
            return f"row {row['seq']} was changed"
        if prev is not None and row["prev_hash"] != prev:
            return f"row {row['seq']} does not follow from the row before it: one of them was replaced"
        seq, prev = row["seq"], row["hash"]
    if head and f"{seq}:{prev}" != head:
        return f"the last row is {seq}, and not the head {head.split(':')[0]}, or another one in its place"
    return None


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as export:
        fault = check(export, sys.argv[2] if len(sys.argv) > 2 else None)
    print(fault or "unbroken")
    sys.exit(1 if fault else 0)
