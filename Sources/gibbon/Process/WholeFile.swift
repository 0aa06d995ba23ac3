// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// Files that a reader sees either old or new, never in between.
enum WholeFile {
  @discardableResult
  static func replace(_ path: String, with bytes: [UInt8], mode: mode_t) -> Bool {
    let draft = "\(path).\(getpid())"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { return false }
    let isWritten = Descriptor.write(bytes, to: descriptor)
    close(descriptor)
    guard isWritten, rename(draft, path) == 0 else {
      unlink(draft)
      return false
    }
    return true
  }
}
