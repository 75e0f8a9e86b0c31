#!/usr/bin/env python3
"""Verifies an exported certificate without EvalJobs, by the algorithm of docs/guide/certificate.md.

    python3 verify_certificate.py export.jsonl

Exit code 0: everything agrees. Exit code 1: something differs, and the first difference is printed. Uses only the standard library.
"""
import hashlib
import json
import sys


class Different(Exception):
    pass


def sha256(lines):
    return hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()


def read(path):
    """Returns the bytes of the certificate, and each piece of evidence as (kind, id, lines)."""
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    document, at, pieces = lines[0], 1, []
    while at < len(lines) and lines[at]:
        header = json.loads(lines[at])
        if header["lines"] < 0:
            raise Different(f"line {at + 1} is not a header of evidence")
        pieces.append((header["kind"], header["id"], lines[at + 1:at + 1 + header["lines"]]))
        at += 1 + header["lines"]
    return document, pieces


def check_seal(document, pieces):
    """The last piece is the audit record of the transition. Its payload contains the hash of the certificate."""
    kind, number, lines = pieces[-1]
    if kind != "audit" or len(lines) != 1:
        raise Different("the audit record of the transition is missing")
    record = json.loads(lines[0])
    payload, certificate = json.loads(record["payload"]), json.loads(document)
    if payload.get("certificate") != hashlib.sha256(document).hexdigest():
        raise Different(f"the certificate is not the one that audit record {number} names")
    transition, version = certificate["transition"], certificate["version"]
    recorded = (record["id"], record["type"], record["entity"], record["targetId"], record["tenantId"], record["actor"], payload["from"], payload["to"])
    if recorded != (number, "VERSION_TRANSITIONED", "AgentVersion", version["id"], certificate["tenant"]["id"], transition["by"], transition["from"], transition["to"]):
        raise Different(f"audit record {number} does not record this promotion")


def check_evidence(certificate, pieces):
    """Each piece must have the hash that the certificate names. Retention deletes some kinds of pieces; a deleted piece has no lines."""
    missing = []
    for entry, (kind, number, lines) in zip(certificate["evidence"], pieces[:-1], strict=True):
        if (kind, number) != (entry["kind"], entry["id"]):
            raise Different(f"{kind} {number} was found in place of {entry['kind']} {entry['id']}")
        if not lines and entry["lines"] and kind in ("run", "results", "audit"):
            missing.append(f"{kind} {number}")
        elif len(lines) != entry["lines"] or sha256(lines) != entry["sha256"]:
            raise Different(f"{kind} {number} is not the evidence that the certificate names")
    return missing


def outcomes(pieces, run):
    """Returns one letter per case, from the look. The results must agree with it while they are kept."""
    look = next(json.loads(lines[0])["outcomes"] for kind, number, lines in pieces if (kind, number) == ("look", run))
    results = next((lines for kind, number, lines in pieces if (kind, number) == ("results", run)), [])
    letters = "".join(json.loads(line)["verdict"][0] for line in results)
    if results and letters != look:
        raise Different(f"the results of run {run} do not agree with its look")
    return look


def check_figures(certificate, pieces):
    """Counts the passed answers of each requirement and tag again. For the rule "rate" this gives the verdict, too."""
    cases = {number: [json.loads(line) for line in lines] for kind, number, lines in pieces if kind == "cases"}
    for requirement in certificate["requirements"]:
        name = f"requirement {requirement['ordinal']}"
        looks = [outcomes(pieces, look["run"]) for look in requirement["looks"] if look["void"] is None]
        for part in requirement["parts"]:
            chosen = [i for i, case in enumerate(cases[requirement["suiteId"]])
                      if part["tag"] is None or part["tag"] in json.loads(case["tags"])]
            passed = sum(look[i] == "P" for look in looks for i in chosen)
            if (passed, len(looks) * len(chosen)) != (part["passed"], part["cases"]):
                raise Different(f"{name}: {passed} answers passed, the certificate says {part['passed']}")
            if requirement["rule"] == "rate" and (passed / part["cases"] >= part["limit"]) != (part["verdict"] == "PASS"):
                raise Different(f"{name}: {passed} of {part['cases']} against {part['limit']} is not {part['verdict']}")
        must_pass = set(requirement["mustPass"])
        for i, case in enumerate(cases[requirement["suiteId"]]):
            if (case["mustPass"] or case["key"] in must_pass) and looks[-1][i] != "P":
                raise Different(f"{name}: the must-pass case {case['key']} did not pass")
        if requirement["verdict"] != "PASS":
            raise Different(f"{name} is {requirement['verdict']}")


def main(path):
    try:
        document, pieces = read(path)
        certificate = json.loads(document)
        if certificate["format"] != 1:
            raise Different(f"format {certificate['format']} is not supported")
        check_seal(document, pieces)
        missing = check_evidence(certificate, pieces)
        check_figures(certificate, pieces)
    except (Different, ValueError, KeyError, IndexError, StopIteration) as difference:
        print(f"DIFFERENT: {difference}")
        return 1
    print(f"VERIFIED {hashlib.sha256(document).hexdigest()}" + "".join(f"\nno longer kept: {piece}" for piece in missing))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
