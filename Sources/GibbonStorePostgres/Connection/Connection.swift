// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CLibPQ
internal import GibbonStore
internal import Glibc

/// A connection to a server. It blocks: each belongs to a thread of its own, which made it and alone uses it.
@safe
final class Connection {
  let server: PostgresServer
  private let handle: OpaquePointer
  /// Whether it can be used again; false once anything went wrong on the way.
  private(set) var isUsable = true
  /// Milliseconds for one statement.
  let statementMilliseconds: Int
  /// The latest revision that this server is known to have.
  var knownRevision: Revision = 0
  private var prepared: [String: String] = [:]

  /// Texts of statements that are kept prepared; others are sent whole each time.
  private static let preparedLimit = 256
  /// Milliseconds that this side waits longer than the server, which then says itself that it took too long.
  private static let graceMilliseconds = 1000

  /// Connects and logs in.
  ///
  /// - Parameter statementMilliseconds: for each statement; nil is the server's time-out.
  init(_ server: PostgresServer, application: String, statementMilliseconds: Int? = nil) throws {
    self.server = server
    self.statementMilliseconds = statementMilliseconds ?? server.timeoutMilliseconds
    let words = server.keywords(application: application)
    let names = CTexts(words.map(\.0) + [nil])
    let values = CTexts(words.map(\.1) + [nil])
    // Safety: the library copies the words; the handle is freed once, in `deinit` or below.
    let handle = unsafe names.withPointers { names in
      unsafe values.withPointers { values in unsafe PQconnectStartParams(names, values, 0) }
    }
    guard let handle = unsafe handle else { throw PostgresFault.lost("no memory for a connection") }
    unsafe self.handle = handle
    try self.logIn(Deadline(milliseconds: server.timeoutMilliseconds))
    _ = unsafe PQsetNoticeProcessor(handle, { _, _ in }, nil)
    guard unsafe PQsetnonblocking(handle, 1) == 0 else { throw self.lost() }
    try self.setUp()
  }

  deinit {
    // Safety: nobody else has the handle.
    unsafe PQfinish(self.handle)
  }

  private func logIn(_ deadline: Deadline) throws {
    var next = PGRES_POLLING_WRITING
    while true {
      // Safety: a call on a live handle.
      let socket = unsafe PQsocket(self.handle)
      guard socket >= 0 else { throw self.lost() }
      let events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT
      guard Descriptors.wait([(socket, Int16(events))], deadline) else {
        throw PostgresFault.lost("\(self.server.place) does not answer within \(self.server.timeoutMilliseconds) ms")
      }
      next = unsafe PQconnectPoll(self.handle)
      if next == PGRES_POLLING_OK { return }
      if next == PGRES_POLLING_FAILED { throw self.lost() }
    }
  }

  /// What a session needs: the schema, and ends to what nobody waits for any more.
  private func setUp() throws {
    let limit = "\(self.statementMilliseconds)"
    _ = try self.query(
      """
      SELECT set_config('statement_timeout', $1, false), \
      set_config('idle_in_transaction_session_timeout', $1, false), set_config('jit', 'off', false), \
      set_config('search_path', COALESCE(quote_ident($2), current_setting('search_path')), false)
      """, [.text(limit), .text(self.server.schema)], isPrepared: false)
  }

  // MARK: Statements

  /// Runs a statement with its values.
  ///
  /// - Parameter isPrepared: the server keeps it, which is for texts that come again.
  @discardableResult
  func query(_ sql: String, _ values: [Parameter] = [], isPrepared: Bool = true) throws -> Rows {
    let deadline = Deadline(milliseconds: self.statementMilliseconds + Self.graceMilliseconds)
    let texts = CTexts(values.map(\.encoded))
    let count = Int32(values.count)
    let name = isPrepared ? try self.prepare(sql, deadline) : nil
    // Safety: the texts live for the call, as many as are said; the library copies what it sends.
    let isSent = unsafe texts.withPointers { texts in
      if let name { return unsafe PQsendQueryPrepared(self.handle, name, count, texts, nil, nil, 0) }
      return unsafe PQsendQueryParams(self.handle, sql, count, nil, texts, nil, nil, 0)
    }
    return try self.answer(isSent, deadline)
  }

  /// Runs statements that have no values, all in one message.
  @discardableResult
  func run(script: String) throws -> Rows {
    let deadline = Deadline(milliseconds: self.statementMilliseconds + Self.graceMilliseconds)
    // Safety: a call on a live handle; the library copies the text.
    return try self.answer(unsafe PQsendQuery(self.handle, script), deadline)
  }

  private func prepare(_ sql: String, _ deadline: Deadline) throws -> String? {
    if let name = self.prepared[sql] { return name }
    guard self.prepared.count < Self.preparedLimit else { return nil }
    let name = "gibbon_\(self.prepared.count)"
    // Safety: a call on a live handle; the library copies the texts.
    _ = try self.answer(unsafe PQsendPrepare(self.handle, name, sql, 0, nil), deadline)
    self.prepared[sql] = name
    return name
  }

  /// Sends what is left to send and reads all results; the last one counts, or the first refusal.
  private func answer(_ isSent: Int32, _ deadline: Deadline) throws -> Rows {
    guard isSent == 1 else { throw self.lost() }
    try self.flush(deadline)
    var rows = Rows.none
    var refusal: Refusal?
    while true {
      // Safety: each result is freed after it was copied.
      while unsafe PQisBusy(self.handle) != 0 {
        try self.wait(Int16(POLLIN), deadline)
        guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.lost() }
      }
      guard let result = unsafe PQgetResult(self.handle) else { break }
      defer { unsafe PQclear(result) }
      let status = unsafe PQresultStatus(result)
      if status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK {
        rows = unsafe Rows(copying: result)
      } else if refusal == nil {
        refusal = unsafe Refusal(result)
      }
      if unsafe PQstatus(self.handle) == CONNECTION_BAD { throw self.lost() }
    }
    if let refusal {
      if refusal.endsConnection { self.isUsable = false }
      throw refusal.endsConnection ? PostgresFault.lost(refusal.message) : PostgresFault.refused(refusal)
    }
    return rows
  }

  private func flush(_ deadline: Deadline) throws {
    while true {
      // Safety: calls on a live handle.
      let left = unsafe PQflush(self.handle)
      if left == 0 { return }
      guard left > 0 else { throw self.lost() }
      // The server may be sending while we are: it must not wait for us to read.
      try self.wait(Int16(POLLIN | POLLOUT), deadline)
      guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.lost() }
    }
  }

  private func wait(_ events: Int16, _ deadline: Deadline) throws {
    // Safety: a call on a live handle.
    let socket = unsafe PQsocket(self.handle)
    guard socket >= 0 else { throw self.lost() }
    guard Descriptors.wait([(socket, events)], deadline) else {
      // What the server does about the statement is not known any more.
      self.isUsable = false
      throw PostgresFault.lost("\(self.server.place) does not answer within \(self.statementMilliseconds) ms")
    }
  }

  private func lost() -> PostgresFault {
    self.isUsable = false
    // Safety: the text is the handle's until the next call on it; it is copied.
    let text = unsafe PQerrorMessage(self.handle).map { unsafe String(cString: $0) } ?? ""
    let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
    return .lost(lines.isEmpty ? "\(self.server.place) closed the connection" : lines.joined(separator: " "))
  }

  // MARK: Between statements

  /// Whether the other side still is there, as far as can be told without asking.
  func isStillOpen() -> Bool {
    guard self.isUsable else { return false }
    // Safety: calls on a live handle.
    let socket = unsafe PQsocket(self.handle)
    guard socket >= 0 else { return false }
    if Descriptors.wait([(socket, Int16(POLLIN))], Deadline(milliseconds: 0)) {
      guard unsafe PQconsumeInput(self.handle) == 1, unsafe PQstatus(self.handle) == CONNECTION_OK else { return false }
    }
    return true
  }

  /// Waits for something to arrive, for `other` to become readable, or for the time to be over.
  func waitForInput(or other: Int32, _ deadline: Deadline) throws {
    // Safety: calls on a live handle.
    let socket = unsafe PQsocket(self.handle)
    guard socket >= 0 else { throw self.lost() }
    _ = Descriptors.wait([(socket, Int16(POLLIN)), (other, Int16(POLLIN))], deadline)
    guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.lost() }
  }

  /// The payloads of the notifications that have arrived.
  func takeNotifications() -> [String] {
    var payloads: [String] = []
    // Safety: each notification is ours, and freed after its text was copied.
    while let notification = unsafe PQnotifies(self.handle) {
      payloads.append(unsafe notification.pointee.extra.map { unsafe String(cString: $0) } ?? "")
      unsafe PQfreemem(notification)
    }
    return payloads
  }
}

extension Refusal {
  /// - Parameter result: of a statement that failed; it stays the caller's.
  init(_ result: OpaquePointer) {
    // Safety: the fields are the result's; they are copied.
    func field(_ code: Character) -> String? {
      unsafe PQresultErrorField(result, Int32(code.asciiValue ?? 0)).map { unsafe String(cString: $0) }
    }
    self.init(
      state: field("C") ?? "", message: field("M") ?? "the statement failed", table: field("t"), constraint: field("n"))
  }
}
