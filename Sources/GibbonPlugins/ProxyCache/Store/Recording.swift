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
    /// Where the responses of the key differ: the variant, and its own key.
    let variant: (variants: CacheVariants, place: CacheKey)?
    let status: UInt16
    let headers: CachedResponse.Fields
    let requestBody: ByteBuffer?
    /// When it came, in Unix seconds.
    let receivedAt: Int
    let ttlSeconds: Int
    let traits: CachedResponse.Traits
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
  /// Others wait for it.
  private let lead: CacheLead?
  private let state = Mutex(State())

  init(_ head: Head, for store: CacheStore, lead: CacheLead?) {
    self.head = head
    self.store = store
    self.lead = lead
    self.bodyLimitBytes =
      store.entryLimitBytes - CachedResponse.cost(of: head.headers) - (head.requestBody?.count ?? 0)
  }

  deinit {
    let reserved = self.state.withLock { $0.reservedBytes }
    self.store.release(reserved)
  }

  /// One more part of the body. A response that is too large is given up, and its memory with it.
  func append(_ bytes: ByteBuffer) {
    let isGivenUp = self.state.withLock { state in
      guard !state.isGivenUp else { return false }
      if state.body.count + bytes.count <= self.bodyLimitBytes, self.store.reserve(bytes.count) {
        state.reservedBytes += bytes.count
        state.body.append(bytes.span)
        return false
      }
      state.body = ByteBuffer()
      self.store.release(state.reservedBytes)
      state.reservedBytes = 0
      state.isGivenUp = true
      return true
    }
    if isGivenUp { self.lead?.giveUp(now: self.head.receivedAt) }
  }

  /// All of it has come.
  func finish() {
    let body = self.state.withLock { state -> ByteBuffer? in
      guard !state.isGivenUp else { return nil }
      state.isGivenUp = true
      // As large as it is, not as it has grown.
      return ByteBuffer(state.body.span.array)
    }
    guard let body else { return }
    let head = self.head
    let response = CachedResponse(
      status: head.status, headers: head.headers, body: body, requestBody: head.requestBody,
      storedAt: head.receivedAt, ttlSeconds: head.ttlSeconds, traits: head.traits)
    let expiry = head.storageSeconds.map { head.receivedAt + $0 }
    if let variant = head.variant {
      self.store.insert(response, at: variant.place, of: variant.variants, under: head.key, expiry: expiry)
    } else {
      self.store.insert(response, at: head.key, expiry: expiry)
    }
    self.lead?.end()
  }
}
