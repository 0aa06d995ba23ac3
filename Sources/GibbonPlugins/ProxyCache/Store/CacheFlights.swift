// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonPluginAPI
internal import Synchronization

/// Lets one of many requests for the same thing ask the service, while the others wait for what comes of it.
///
/// They wait until the response is kept, until it is known that it will not be, or until it takes too long; then each
/// looks again and goes on by itself. A key whose response was not kept makes nobody wait for a while.
final class CacheFlights: Sendable {
  /// What a request is to do.
  enum Role: Sendable {
    /// Ask, and tell the others.
    case leads(CacheLead)
    /// Its phase is called again.
    case waits
    /// Ask, and wait for nobody.
    case passes
  }

  /// The longest that a request waits for another.
  static let waitSeconds = 5
  /// Requests that wait for one other at most; more of them pass.
  static let waitingLimit = 1024
  /// How long nobody waits for a key whose response was not kept.
  private static let unkeptSeconds = 10
  private static let unkeptLimit = 4096

  private struct Flight {
    let number: UInt64
    var waiting: [Suspension] = []
    /// It takes too long: nobody joins.
    var isLate = false
  }

  private struct State {
    var flights: [CacheKey: Flight] = [:]
    /// Until when nobody waits, in Unix seconds.
    var unkept: [CacheKey: Int] = [:]
    var lastNumber: UInt64 = 0
  }

  private let state = Mutex(State())

  /// - Parameters:
  ///   - mayWait: whether the request has not waited long enough before.
  ///   - now: Unix seconds.
  ///   - suspension: made where the request waits.
  func join(_ key: CacheKey, mayWait: Bool, now: Int, suspension: () -> Suspension) -> Role {
    let role = self.state.withLock { state -> Role in
      if let until = state.unkept[key] {
        if until > now { return .passes }
        state.unkept[key] = nil
      }
      if let flight = state.flights[key] {
        return mayWait && !flight.isLate && flight.waiting.count < Self.waitingLimit ? .waits : .passes
      }
      state.lastNumber &+= 1
      state.flights[key] = Flight(number: state.lastNumber)
      return .leads(CacheLead(self, key, state.lastNumber))
    }
    guard case .waits = role else { return role }
    let suspension = suspension()
    let (isOver, number) = self.state.withLock { state -> (Bool, UInt64?) in
      guard state.flights[key] != nil else { return (true, nil) }
      state.flights[key]?.waiting.append(suspension)
      return (false, state.flights[key]?.waiting.count == 1 ? state.flights[key]?.number : nil)
    }
    // It ended in between.
    if isOver { suspension.resume(.again) }
    if let number { self.limit(key, number) }
    return role
  }

  /// Lets those go that have waited for too long.
  private func limit(_ key: CacheKey, _ number: UInt64) {
    Task { [weak self] in
      try? await Task.sleep(for: .seconds(Self.waitSeconds))
      self?.change(key, number) { $0.isLate = true }
    }
  }

  /// The request that led is over.
  ///
  /// - Parameter unkeptAt: when it became known that the response is not kept; nil where it is, or nothing is known.
  fileprivate func end(_ key: CacheKey, _ number: UInt64, unkeptAt now: Int?) {
    self.change(key, number, removes: true) { _ in }
    guard let now else { return }
    self.state.withLock { state in
      if state.unkept.count >= Self.unkeptLimit { state.unkept.removeAll() }
      state.unkept[key] = now + Self.unkeptSeconds
    }
  }

  private func change(_ key: CacheKey, _ number: UInt64, removes: Bool = false, _ body: (inout Flight) -> Void) {
    let waiting = self.state.withLock { state -> [Suspension] in
      guard var flight = state.flights[key], flight.number == number else { return [] }
      let waiting = flight.waiting
      flight.waiting = []
      body(&flight)
      state.flights[key] = removes ? nil : flight
      return waiting
    }
    for suspension in waiting { suspension.resume(.again) }
  }

  /// For measurements.
  var count: Int { self.state.withLock { $0.flights.count } }
}

/// The right and duty of one request to tell the others. Ends with it, at the latest.
final class CacheLead: Sendable {
  private let flights: CacheFlights
  private let key: CacheKey
  private let number: UInt64

  fileprivate init(_ flights: CacheFlights, _ key: CacheKey, _ number: UInt64) {
    self.flights = flights
    self.key = key
    self.number = number
  }

  deinit { self.end() }

  /// The response is kept, or the request came to an end without one.
  func end() { self.flights.end(self.key, self.number, unkeptAt: nil) }

  /// The response is not kept, and will not be the next time.
  func giveUp(now: Int) { self.flights.end(self.key, self.number, unkeptAt: now) }
}
