#!/usr/bin/env python3
"""Checks that a row stood in an audit log, without the platform: verify_audit_proof.py PROOF [JWKS kept from /.well-known/jwks.json]"""
import base64
import hashlib
import json
import sys

from verify_audit_export import OUTSIDE, canonical

P = 2**255 - 19  # Ed25519 (RFC 8032), with nothing but the standard library
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    c, d, e, f = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2), 2 * t1 * t2 * D, 2 * z1 * z2
    e, f, g, h = d - c, f - e, f + e, d + c
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        result = add(result, point) if number & 1 else result
        point, number = add(point, point), number >> 1
    return result


def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def signed(key, message, signature):
    point, r = decompress(key), decompress(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or point is None or r is None or s >= ORDER:
        return False
    base = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, base), add(r, times(challenge, point))
    return not ((left[0] * right[2] - right[0] * left[2]) % P or (left[1] * right[2] - right[1] * left[2]) % P)


def climb(leaf, index, size, path):  # RFC 6962
    if size == 1:
        return hashlib.sha256(b"\0" + leaf).digest() if not path else None
    if not path or not 0 <= index < size:
        return None
    middle = 1 << ((size - 1).bit_length() - 1)
    left = index < middle
    below = climb(leaf, index if left else index - middle, middle if left else size - middle, path[:-1])
    return below and hashlib.sha256(b"\1" + (below + path[-1] if left else path[-1] + below)).digest()


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check(proof, jwks):
    leaf, root = proof["leaf"], proof["root"]
    hashed = {name: value for name, value in leaf.items() if name not in OUTSIDE}
    if hashlib.sha256(canonical(hashed)).hexdigest() != leaf["hash"]:
        return f"row {leaf['seq']} was changed"
    place = leaf["seq"] - root["first_seq"], root["last_seq"] - root["first_seq"] + 1
    climbed = climb(bytes.fromhex(leaf["hash"]), *place, [bytes.fromhex(step) for step in proof["path"]])
    if leaf["tenant"] != root["tenant"] or climbed is None or climbed.hex() != root["hash"]:
        return f"row {leaf['seq']} is not under this root"
    names = "tenant", "first_seq", "last_seq", "hash", "made_at"
    statement = "smecloud audit root 1\n" + "".join(f"{root[name]}\n" for name in names)
    if jwks is not None and root["key"]["x"] not in [key["x"] for key in jwks["keys"]]:
        return "the root was signed by a key that is not the platform's"
    if not signed(unpadded(root["key"]["x"]), statement.encode(), unpadded(root["signature"])):
        return "the root's signature is wrong"
    return None


if __name__ == "__main__":
    files = [json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3]]
    fault = check(files[0], files[1] if len(files) > 1 else None)
    print(fault or "proved")
    sys.exit(1 if fault else 0)
