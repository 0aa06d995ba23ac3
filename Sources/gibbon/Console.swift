// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Why a command did not do what it was asked, and what to do next.
struct Failure: Error, CustomStringConvertible {
  let message: String
  let advice: String?

  init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }

  var description: String { self.message + (self.advice.map { "\n\n  \($0)" } ?? "") }
}

/// The terminal.
enum Console {
  static func say(_ text: String) { Self.write(text, to: STDOUT_FILENO) }

  static func note(_ text: String) { Self.write(text, to: STDERR_FILENO) }

  static func error(_ text: String) { Self.note("Error: " + text) }

  static func warn(_ texts: [String]) {
    for text in texts { Self.note("Warning: " + text) }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    Descriptor.write(Array((text.hasSuffix("\n") ? text : text + "\n").utf8), to: descriptor)
  }
}

/// Plain writing.
enum Descriptor {
  /// Writes everything or, when nobody reads any more, nothing of the rest.
  @discardableResult
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Safety: the pointer is used inside the closure that lends it, with its own length.
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// The system's words for the last error.
func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
