// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO
internal import Glibc

/// The outcome of a running gateway's last reload, kept in its prefix as one line: `7 ok <hash>` or `7 error <text>`.
struct ReloadStatus: Hashable {
  enum Outcome: Hashable {
    /// The new configuration serves; its hash tells whether anything changed.
    case applied(hash: String)
    /// The old configuration goes on serving.
    case refused(reason: String)
  }

  /// Grows by one with each reload.
  let sequence: Int
  let outcome: Outcome

  /// nil when there was no reload yet.
  static func read(_ prefix: Prefix) -> ReloadStatus? {
    guard let bytes = try? GuardedFile.read(prefix.reloadStatusFile) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let line = text.hasSuffix("\n") ? text.dropLast() : text[...]
    let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let sequence = Int(parts[0]) else { return nil }
    switch parts[1] {
    case "ok": return ReloadStatus(sequence: sequence, outcome: .applied(hash: parts[2]))
    case "error": return ReloadStatus(sequence: sequence, outcome: .refused(reason: Self.unfolded(parts[2])))
    default: return nil
    }
  }

  /// Records an outcome after the last one; to be called by the gateway, once for each reload.
  static func write(_ outcome: Outcome, prefix path: String) {
    let prefix = Prefix(path: path)
    let sequence = (Self.read(prefix)?.sequence ?? 0) &+ 1
    let words =
      switch outcome {
      case .applied(let hash): "ok \(hash)"
      case .refused(let reason): "error \(Self.folded(reason))"
      }
    try? GuardedFile.replace(prefix.reloadStatusFile, with: Array("\(sequence) \(words)\n".utf8))
  }

  private static func folded(_ text: String) -> String {
    text.map { $0 == "\\" ? "\\\\" : $0.isNewline ? "\\n" : String($0) }.joined()
  }

  private static func unfolded(_ text: String) -> String {
    var result = ""
    var isEscaped = false
    for character in text {
      if isEscaped {
        result.append(character == "n" ? "\n" : character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
