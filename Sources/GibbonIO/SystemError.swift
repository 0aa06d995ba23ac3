// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// A failed system call: its errno, told as the system tells it.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
  public let code: Int32

  public init(code: Int32) { self.code = code }

  /// From the `-errno` of a C shim.
  init(negated result: some BinaryInteger) { self.code = Int32(truncatingIfNeeded: 0 - Int64(result)) }

  /// `(111: Connection refused)`, the form nginx logs.
  public var description: String { "(\(self.code): \(self.text))" }

  /// `Connection refused`
  public var text: String {
    // Safety: strerror_r fills a buffer of ours, which is ended by a zero.
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, unsafe strerror_r(self.code, base, 256) == 0 else { return "unknown" }
      return unsafe String(cString: base)
    }
  }

  public static let connectionRefused = SystemError(code: ECONNREFUSED)
}
