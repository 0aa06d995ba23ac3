// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GRDB
public import GibbonModel
internal import GibbonSchema
public import GibbonStore

/// The embedded datastore: one SQLite file beside the gateway, no server, no set-up.
///
/// Write-ahead logging with one writer and several readers, on threads of GRDB's. Writes that arrive together share
/// one transaction, so that one sync to the disk acknowledges them all; each is still done or refused by itself.
public final class SQLiteStore: Store {
  public let kind = "sqlite"
  let pool: DatabasePool
  let queue: CommitQueue<Database>
  let tables: TableSet
  let now: @Sendable () -> Double

  /// Readers at the same time.
  private static let readerCount = 4
  /// Seconds to wait for another process that writes, such as `gibbon config db_import`.
  private static let busyTimeout = 10.0

  /// Opens the file, making it when there is none. The layout is not looked at.
  ///
  /// - Parameters:
  ///   - registry: the collections it will be asked for.
  ///   - now: Unix seconds.
  public init(path: String, registry: EntityRegistry, now: @escaping @Sendable () -> Double) throws(StoreError) {
    self.now = now
    self.tables = TableSet(registry)
    var configuration = Configuration()
    configuration.label = "gibbon"
    configuration.maximumReaderCount = Self.readerCount
    configuration.busyMode = .timeout(Self.busyTimeout)
    configuration.foreignKeysEnabled = true
    // An acknowledged write survives a power cut, not only a crash of the process.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL; PRAGMA cache_size = -8000") }
    let settled = configuration
    self.pool = try SQLiteFault.catching { try DatabasePool(path: path, configuration: settled) }
    self.queue = Self.commits(self.pool)
  }

  /// Runs `body` on a reader, off the caller's thread.
  func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws(StoreError) -> Value {
    do {
      return try await self.pool.read(body)
    } catch {
      throw SQLiteFault.storeError(error)
    }
  }

  public func close() async {
    await self.queue.drain()
    // What is in the log goes into the file, so that the file alone has everything after a stop.
    _ = try? await self.pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
    try? self.pool.close()
  }
}

/// SQLite's and GRDB's errors in the store's words.
enum SQLiteFault {
  static func catching<Value>(_ body: () throws -> Value) throws(StoreError) -> Value {
    do {
      return try body()
    } catch {
      throw Self.storeError(error)
    }
  }

  static func storeError(_ error: any Error) -> StoreError {
    if let error = error as? StoreError { return error }
    guard let error = error as? DatabaseError else { return .failure("\(error)") }
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CANTOPEN, .SQLITE_IOERR, .SQLITE_FULL, .SQLITE_READONLY, .SQLITE_NOTADB,
      .SQLITE_CORRUPT:
      return .unavailable(error.message ?? "\(error.resultCode)")
    case .SQLITE_ERROR where error.message?.hasPrefix("no such table") == true:
      return .layout("the datastore is not set up: \(error.message ?? ""); run 'gibbon migrations bootstrap'")
    default:
      return .failure("\(error)")
    }
  }
}
