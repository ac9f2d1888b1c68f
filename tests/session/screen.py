# SPDX-License-Identifier: GPL-3.0-or-later
"""A terminal of a fixed size that understands what Readline and descent send to an xterm."""

import re
import unicodedata

SEQUENCE = re.compile(
    r"\x1b\[(?P<private>\??)(?P<numbers>[0-9;]*)(?P<final>[@-~])|\x1b[()][0-9A-B]|\x1b[=>78M]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_][^\x1b]*\x1b\\|\x1b\[[0-9;?]*$|\x1b$")


def cells(character):
    if unicodedata.combining(character) or character in "\u200b\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.wrap = False  # the last column was written; the next character goes to a new line
        self.left = ""
        self.scrolled = []

    def scroll(self):
        self.scrolled.append("".join(self.lines.pop(0)).rstrip())
        self.lines.append([" "] * self.columns)

    def line_feed(self):
        self.wrap = False
        if self.row == self.rows - 1:
            self.scroll()
        else:
            self.row += 1

    def put(self, character):
        width = cells(character)
        if width == 0:
            place = self.column - 1 if not self.wrap else self.column
            if place >= 0:
                self.lines[self.row][place] += character
            return
        if self.wrap or self.column + width > self.columns:
            self.column = 0
            self.line_feed()
        self.lines[self.row][self.column] = character
        for extra in range(1, width):
            self.lines[self.row][self.column + extra] = ""
        if self.column + width >= self.columns:
            self.column = self.columns - 1
            self.wrap = True
        else:
            self.column += width

    def sequence(self, match):
        final = match.group("final")
        if final is None or match.group("private"):
            return
        numbers = [int(n) if n else 0 for n in match.group("numbers").split(";")]
        first = max(numbers[0], 1)
        line = self.lines[self.row]
        if final in "mhl":
            return
        self.wrap = False
        if final == "A":
            self.row = max(self.row - first, 0)
        elif final == "B":
            self.row = min(self.row + first, self.rows - 1)
        elif final == "C":
            self.column = min(self.column + first, self.columns - 1)
        elif final == "D":
            self.column = max(self.column - first, 0)
        elif final == "G":
            self.column = min(first, self.columns) - 1
        elif final == "H":
            self.row = min(first, self.rows) - 1
            second = max(numbers[1], 1) if len(numbers) > 1 else 1
            self.column = min(second, self.columns) - 1
        elif final == "K":
            start = {0: self.column, 1: 0, 2: 0}[numbers[0]]
            stop = {0: self.columns, 1: self.column + 1, 2: self.columns}[numbers[0]]
            line[start:stop] = [" "] * (stop - start)
        elif final == "J":
            if numbers[0] == 0:
                line[self.column:] = [" "] * (self.columns - self.column)
                for below in range(self.row + 1, self.rows):
                    self.lines[below] = [" "] * self.columns
            elif numbers[0] in (2, 3):
                self.lines = [[" "] * self.columns for _ in range(self.rows)]
        elif final == "P":
            del line[self.column:self.column + first]
            line.extend([" "] * (self.columns - len(line)))
        elif final == "@":
            line[self.column:self.column] = [" "] * first
            del line[self.columns:]
        elif final in "cnqt":
            pass
        else:
            raise AssertionError("the screen does not know CSI " + match.group("numbers") + final)

    def feed(self, text):
        text = self.left + text
        self.left = ""
        at = 0
        while at < len(text):
            character = text[at]
            if character == "\x1b":
                match = SEQUENCE.match(text, at)
                if match is None or match.end() == len(text) and match.group("final") is None:
                    if len(text) - at < 64 or text[at + 1] in "P_]":  # pictures are long
                        self.left = text[at:]
                        return
                    raise AssertionError("unknown sequence " + repr(text[at:at + 20]))
                self.sequence(match)
                at = match.end()
                continue
            at += 1
            if character == "\r":
                self.column, self.wrap = 0, False
            elif character == "\n":
                self.line_feed()
            elif character == "\b":
                self.column, self.wrap = max(self.column - 1, 0), False
            elif character == "\t":
                self.column = min((self.column // 8 + 1) * 8, self.columns - 1)
            elif character >= " ":
                self.put(character)

    def text(self):
        """The lines, without blank ones at the end."""
        lines = ["".join(line).rstrip() for line in self.lines]
        while lines and not lines[-1]:
            lines.pop()
        return lines
