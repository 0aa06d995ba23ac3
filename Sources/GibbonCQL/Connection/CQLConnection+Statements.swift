// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import Synchronization

/// Why an operation was not done on one node.
enum OperationFailure: Error, Sendable, Hashable {
  /// There is no connection.
  case connecting(CQLError)
  case request(RequestFailure)
  case server(ServerError)
}

extension CQLConnection {
  /// Does it on this node, preparing what is not prepared yet; once more if the node has forgotten what it prepared.
  func perform(
    _ operation: Operation, _ settings: CQLSettings, _ deadline: NIODeadline
  ) async throws(OperationFailure) -> CQLRows {
    do throws(OperationFailure) {
      return try await self.performOnce(operation, settings, deadline)
    } catch {
      guard case .server(let failure) = error else { throw error }
      // 4.0 repeats an error of the protocol for whatever is asked next: such a connection is spoilt.
      if failure.code == ServerError.protocolViolation { self.close() }
      guard failure.code == ServerError.unprepared else { throw error }
      self.prepared.withLock { prepared in for text in operation.texts { prepared.remove(text) } }
      return try await self.performOnce(operation, settings, deadline)
    }
  }

  private func performOnce(
    _ operation: Operation, _ settings: CQLSettings, _ deadline: NIODeadline
  ) async throws(OperationFailure) -> CQLRows {
    guard let first = operation.first else { return CQLRows() }
    var ids: [String: PreparedID] = [:]
    for text in operation.texts { ids[text] = try await self.prepare(text, deadline) }
    let options = first.options(settings)
    let request: Request
    switch operation {
    case .statement(let statement):
      request = ids[statement.text].map { .execute($0, statement.values, options) } ?? .query(statement.text, options)
    case .batch(let statements, let kind):
      let entries = statements.map { statement in
        BatchEntry(
          source: statement.isPrepared
            ? ids[statement.text].map { .prepared($0) } ?? .text(statement.text)
            : .text(statement.text), values: statement.isPrepared ? statement.values : [])
      }
      request = .batch(kind, entries, options)
    }
    switch try await self.answer(request, deadline) {
    case .result(.rows(let rows)): return rows
    case .result: return CQLRows()
    default: throw self.unexpected()
    }
  }

  private func prepare(_ text: String, _ deadline: NIODeadline) async throws(OperationFailure) -> PreparedID {
    if let id = self.prepared.withLock({ $0[text] }) { return id }
    let answer: Response
    do throws(OperationFailure) {
      answer = try await self.answer(.prepare(text), deadline)
    } catch {
      // Preparing changes nothing, whatever became of it.
      switch error {
      case .request(.lost(let words)): throw .request(.notSent(words))
      case .request(.timedOut): throw .request(.notSent("preparing took too long"))
      default: throw error
      }
    }
    guard case .result(.prepared(let id)) = answer else { throw self.unexpected() }
    self.prepared.withLock { $0.insert(id, text) }
    return id
  }

  private func answer(_ request: Request, _ deadline: NIODeadline) async throws(OperationFailure) -> Response {
    let answer: Response
    do throws(RequestFailure) {
      answer = try await self.send(request, deadline)
    } catch {
      throw .request(error)
    }
    if case .error(let error) = answer { throw .server(error) }
    return answer
  }

  private func unexpected() -> OperationFailure {
    self.close()
    return .request(.malformed("an answer to another question"))
  }
}
