// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import Synchronization

/// A response that is on its way to a client and is to be kept once all of it has come.
///
/// Made when its head is known; what is never finished is forgotten with the request.
final class Recording: Sendable {
  /// What is known when the head is.
  struct Head: Sendable {
    let key: CacheKey
    let status: UInt16
    let headers: CachedResponse.Fields
    let requestBody: ByteBuffer?
    let ttlSeconds: Int
    /// How long it is kept; nil for ever.
    let storageSeconds: Int?
  }

  private struct State {
    var body = ByteBuffer()
    var reservedBytes = 0
    var isGivenUp = false
  }

  private let head: Head
  private let store: CacheStore
  private let bodyLimitBytes: Int
  private let state = Mutex(State())

  init(_ head: Head, for store: CacheStore) {
    self.head = head
    self.store = store
    self.bodyLimitBytes =
      store.entryLimitBytes - CachedResponse.cost(of: head.headers) - (head.requestBody?.count ?? 0)
  }

  deinit {
    let reserved = self.state.withLock { $0.reservedBytes }
    self.store.release(reserved)
  }

  /// One more part of the body. A response that is too large is given up, and its memory with it.
  func append(_ bytes: ByteBuffer) {
    self.state.withLock { state in
      guard !state.isGivenUp else { return }
      if state.body.count + bytes.count <= self.bodyLimitBytes, self.store.reserve(bytes.count) {
        state.reservedBytes += bytes.count
        state.body.append(bytes.span)
      } else {
        state.body = ByteBuffer()
        self.store.release(state.reservedBytes)
        state.reservedBytes = 0
        state.isGivenUp = true
      }
    }
  }

  /// All of it has come.
  ///
  /// - Parameter now: Unix seconds.
  func finish(now: Int) {
    let body = self.state.withLock { state -> ByteBuffer? in
      guard !state.isGivenUp else { return nil }
      state.isGivenUp = true
      // As large as it is, not as it has grown.
      return ByteBuffer(state.body.span.array)
    }
    guard let body else { return }
    let response = CachedResponse(
      status: self.head.status, headers: self.head.headers, body: body, requestBody: self.head.requestBody,
      storedAt: now, ttlSeconds: self.head.ttlSeconds)
    self.store.insert(response, at: self.head.key, expiry: self.head.storageSeconds.map { now + $0 })
  }
}
