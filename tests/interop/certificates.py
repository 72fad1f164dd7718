"""Certificates of each shape that a SIP server may have, made by openssl(1)."""

import base64
import datetime
import hashlib
import os
import subprocess

AUTHORITY = """
[ca]
default_ca = own
[own]
database = {folder}/index
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = optional
"""


def days_from_now(days):
    """As openssl ca takes a date."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return at.strftime("%Y%m%d%H%M%SZ")


class Certificates:
    """A root, and what it signs; all files are in `folder`, in PEM."""

    def __init__(self, folder):
        os.makedirs(folder)
        self.folder = folder
        with open(f"{folder}/index", "w", encoding="ascii"):
            pass
        with open(f"{folder}/ca.cnf", "w", encoding="ascii") as file:
            file.write(AUTHORITY.format(folder=folder))
        for name in ("key", "other-key", "root-key", "other-root-key"):
            self.openssl(
                "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.file(name)
            )
        for name, common_name in (("root", "Root"), ("other-root", "Other Root")):
            self.self_signed(name, common_name, "keyUsage=critical,keyCertSign", key=f"{name}-key")

    def file(self, name):
        return f"{self.folder}/{name}.pem"

    def openssl(self, *words):
        done = subprocess.run(
            ["openssl", *words], cwd=self.folder, capture_output=True, text=True, timeout=30
        )
        if done.returncode != 0:
            raise OSError(f"openssl {' '.join(words)}: {done.stderr}")

    def self_signed(self, name, common_name, *extensions, key="key"):
        """One that is its own issuer, and a certificate authority as openssl(1) makes them."""
        words = [
            "-key",
            self.file(key),
            "-subj",
            f"/CN={common_name}",
            "-days",
            "30",
            "-out",
            self.file(name),
        ]
        words += [word for extension in extensions for word in ("-addext", extension)]
        self.openssl("req", "-x509", "-new", *words)

    def signed(
        self, name, common_name="sip server", names="", issuer="root", days=(-1, 30), key="key"
    ):
        """One for `names`, the value of a subjectAltName, valid between these days from now."""
        request, extensions = f"{self.folder}/{name}.csr", f"{self.folder}/{name}.ext"
        self.openssl(
            "req", "-new", "-key", self.file(key), "-subj", f"/CN={common_name}", "-out", request
        )
        with open(extensions, "w", encoding="ascii") as file:
            file.write(
                "basicConstraints=CA:FALSE\n" + (f"subjectAltName={names}\n" if names else "")
            )
        words = [
            "-config",
            f"{self.folder}/ca.cnf",
            "-batch",
            "-notext",
            "-in",
            request,
            "-out",
            self.file(name),
        ]
        words += [
            "-cert",
            self.file(issuer),
            "-keyfile",
            self.file(f"{issuer}-key"),
            "-extfile",
            extensions,
        ]
        words += ["-startdate", days_from_now(days[0]), "-enddate", days_from_now(days[1])]
        self.openssl("ca", *words)
        return self.file(name)

    def public_key(self, key="key"):
        """The file of its SubjectPublicKeyInfo, in DER."""
        path = f"{self.folder}/{key}.der"
        self.openssl("pkey", "-in", self.file(key), "-pubout", "-outform", "DER", "-out", path)
        return path

    def pin(self, key="key"):
        """sha256// and the base64 of the hash of that."""
        with open(self.public_key(key), "rb") as file:
            return "sha256//" + base64.b64encode(hashlib.sha256(file.read()).digest()).decode()
