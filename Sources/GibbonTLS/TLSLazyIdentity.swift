// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

/// An identity that is read when it is needed first: most of many certificates are never asked for.
public final class TLSLazyIdentity: Sendable {
  public let pairs: [TLSKeyPair]

  private let state = Mutex(State.unread)

  private enum State: Sendable {
    case unread
    case read(TLSIdentity)
    case failed(TLSError)
  }

  public init(_ pairs: [TLSKeyPair]) { self.pairs = pairs }

  /// Reads the texts once. A chain in the wrong order is accepted here: that is said when it is written.
  public func identity() throws(TLSError) -> TLSIdentity {
    let result = self.state.withLock { state -> Result<TLSIdentity, TLSError> in
      switch state {
      case .read(let identity): return .success(identity)
      case .failed(let error): return .failure(error)
      case .unread:
        do throws(TLSError) {
          let identity = try TLSIdentity(self.pairs, checksChain: false)
          state = .read(identity)
          return .success(identity)
        } catch {
          state = .failed(error)
          return .failure(error)
        }
      }
    }
    return try result.get()
  }

  /// Gives back what reading took; the texts stay.
  public func forget() { self.state.withLock { $0 = .unread } }
}
