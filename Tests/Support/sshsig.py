# SSH signatures as PROTOCOL.sshsig describes them, made with the cryptography package: for what ssh-keygen does not make,
# as RSA with SHA-256, security keys without hardware, and everything that must be refused.
import base64
import hashlib
import struct

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

NAMESPACE = b"moongate-snippet"
TOUCHED = 1


def string(data):
    return struct.pack(">I", len(data)) + data


def mpint(number):
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


class Key:
    """A private key, its public half in SSH's encoding, and its signatures."""

    def __init__(self, private, application=None):
        self.private = private
        self.application = application
        public = private.public_key().public_bytes(
            serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        )
        plain = base64.b64decode(public.split()[1])
        self.type = public.split()[0].decode()
        self.blob = plain
        if application:
            name = public.split()[0]
            self.type = f"sk-{name.decode()}@openssh.com"
            self.blob = string(self.type.encode()) + plain[4 + len(name) :] + string(application)

    @property
    def line(self):
        return f"{self.type} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self):
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    def raw(self, message, algorithm):
        """Signature bytes as SSH has them for this type."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        if isinstance(self.private, rsa.RSAPrivateKey):
            digest = {"rsa-sha2-256": hashes.SHA256, "rsa-sha2-512": hashes.SHA512, "ssh-rsa": hashes.SHA1}[algorithm]
            return self.private.sign(message, padding.PKCS1v15(), digest())
        digest = {256: hashes.SHA256, 384: hashes.SHA384, 521: hashes.SHA512}[self.private.curve.key_size]
        r, s = decode_dss_signature(self.private.sign(message, ec.ECDSA(digest())))
        return mpint(r) + mpint(s)

    def sign(self, message, algorithm=None, flags=TOUCHED, counter=7):
        algorithm = algorithm or {"ssh-rsa": "rsa-sha2-512"}.get(self.type, self.type)
        if self.application is None:
            return string(algorithm.encode()) + string(self.raw(message, algorithm))
        extra = struct.pack(">BI", flags, counter)
        to_sign = hashlib.sha256(self.application).digest() + extra + hashlib.sha256(message).digest()
        return string(algorithm.encode()) + string(self.raw(to_sign, algorithm)) + extra


def armor(blob):
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]).encode()


def signature(
    key, data, *, namespace=NAMESPACE, hash="sha512", version=1, reserved=b"", says=None, magic=b"SSHSIG", behind=b"", **how
):
    """A signature file of `data`. What is not as it should be is said by keyword; `says` is a namespace that the blob
    names and that was not signed."""
    digest = hashlib.new(hash, data).digest()
    signed = b"SSHSIG" + string(namespace) + string(reserved) + string(hash.encode()) + string(digest)
    return armor(
        magic
        + struct.pack(">I", version)
        + string(key.blob)
        + string(says or namespace)
        + string(reserved)
        + string(hash.encode())
        + string(key.sign(signed, **how))
        + behind
    )
