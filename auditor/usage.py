"""The sentences of the argument parser in Chinese, beside the parser's own English.

The parser words its faults itself; what it usually says is listed here by its beginning. A sentence that is
not listed stays as it is: better English than a guess.
"""

from __future__ import annotations

import re

from auditor.errors import both

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"Missing argument '(?P<what>[^']*)'.*", "缺少参数 {what}"),
    (r"Missing option '(?P<what>[^']*)'.*", "缺少选项 {what}"),
    (r"No such option: (?P<what>\S+)(?P<hint>.*)", "没有选项 {what}"),
    (r"No such command '(?P<what>.*?)'\..*", "没有命令 {what}"),
    (r"Option '(?P<what>[^']*)' requires an argument\.", "选项 {what} 应带一个值"),
    (r"Option '(?P<what>[^']*)' requires (?P<count>\d+) arguments\.", "选项 {what} 应带 {count} 个值"),
    (r"Option '(?P<what>[^']*)' does not take a value\.", "选项 {what} 不带值"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<what>.*)\)", "多出的参数 {what}"),
    (r"Invalid value for '(?P<what>[^']*)': (?P<why>.*)", "{what} 的值无效{why}"),
    (r"Invalid value: (?P<why>.*)", "值无效{why}"),
)
_REASONS: tuple[tuple[str, str], ...] = (
    (r"Input should be a valid integer\b.*", "应为整数"),
    (r"Input should be a valid number\b.*", "应为数字"),
    (r"Input should be greater than or equal to (?P<bound>\S+)", "应不小于 {bound}"),
    (r"Input should be less than or equal to (?P<bound>\S+)", "应不大于 {bound}"),
    (r"Input should be greater than (?P<bound>\S+)", "应大于 {bound}"),
    (r"Input should be less than (?P<bound>\S+)", "应小于 {bound}"),
    (r"(?P<got>'.*') is not one of (?P<known>.*?)\.?", "应为 {known} 之一，实为 {got}"),
)


def usage_told(sentence: str) -> str:
    """Return what the argument parser said, in both languages where the sentence is known."""
    zh = _in_chinese(" ".join(sentence.split()), _SENTENCES)
    return sentence if zh is None else both(zh, sentence)


def _in_chinese(sentence: str, known: tuple[tuple[str, str], ...]) -> str | None:
    for pattern, words in known:
        found = re.fullmatch(pattern, sentence)
        if found is not None:
            parts = found.groupdict()
            if "why" in parts:
                why = _in_chinese(parts["why"], _REASONS)
                parts["why"] = f"，{why}" if why is not None else ""
            return words.format(**parts)
    return None
