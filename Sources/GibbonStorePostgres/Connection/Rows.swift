// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CLibPQ

/// The answer to a statement, copied.
struct Rows: Sendable {
  let count: Int
  /// Rows that were written.
  let affected: Int
  private let width: Int
  private let values: [String?]

  static let none = Rows()

  private init() {
    self.count = 0
    self.affected = 0
    self.width = 0
    self.values = []
  }

  /// Copies a result, which stays the caller's.
  init(copying result: OpaquePointer) {
    // Safety: the result lives for the call, and the indexes are within what it says it holds.
    let (rows, width) = unsafe (Int(PQntuples(result)), Int(PQnfields(result)))
    self.count = rows
    self.width = width
    let done = unsafe PQcmdTuples(result)
    self.affected = unsafe done.flatMap { unsafe Int(String(cString: $0)) } ?? 0
    var values: [String?] = []
    values.reserveCapacity(rows * width)
    for row in 0..<Int32(rows) {
      for column in 0..<Int32(width) {
        values.append(unsafe Self.value(result, row, column))
      }
    }
    self.values = values
  }

  private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32) -> String? {
    // Safety: the value's bytes are the library's while the result lives; they are copied.
    guard unsafe PQgetisnull(result, row, column) == 0, let start = unsafe PQgetvalue(result, row, column) else {
      return nil
    }
    let length = unsafe Int(PQgetlength(result, row, column))
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: length)
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  subscript(row: Int, column: Int) -> String? {
    let place = row * self.width + column
    return column < self.width && self.values.indices.contains(place) ? self.values[place] : nil
  }

  func integer(_ row: Int, _ column: Int) -> Int64? { self[row, column].flatMap { Int64($0) } }

  func real(_ row: Int, _ column: Int) -> Double? { self[row, column].flatMap { Double($0) } }

  func isTrue(_ row: Int, _ column: Int) -> Bool { self[row, column] == "t" }

  /// A column as it was written by `Parameter.key`.
  func key(_ row: Int, _ column: Int) -> String? { self[row, column].map(ColumnText.decode) }

  /// Of each row the first column.
  var keys: [String] { (0..<self.count).compactMap { self.key($0, 0) } }
}
