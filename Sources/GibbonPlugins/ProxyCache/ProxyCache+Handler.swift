// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI

/// `proxy-cache`: keeps responses of services in memory and repeats them.
public final class ProxyCachePlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    struct Memory: Decodable, Sendable {
      var dictionaryName: String
    }

    /// Which headers clients see.
    struct ResponseHeaders: Decodable, Sendable {
      var age: Bool?
      var status: Bool?
      var key: Bool?

      enum CodingKeys: String, CodingKey {
        case age
        case status = "X-Cache-Status"
        case key = "X-Cache-Key"
      }
    }

    var responseCode: [Double]
    var requestMethod: [String]
    var contentType: [String]
    var cacheTtl: Double?
    var strategy: String
    var cacheControl: Bool
    var ignoreUriCase: Bool?
    var storageTtl: Double?
    var memory: Memory?
    var varyQueryParams: [String]?
    var varyHeaders: [String]?
    var responseHeaders: ResponseHeaders?
  }

  /// How a request stands to the cache, in `X-Cache-Status`.
  enum Status: String {
    case miss = "Miss"
    case hit = "Hit"
    case refresh = "Refresh"
    case bypass = "Bypass"
  }

  private let methods: Set<String>
  private let keyRules: CacheKeyRules
  /// Requests with `Authorization` have keys of their own, or are treated as those without.
  private let ignoresAuthorization: Bool
  let rules: StorageRules
  private let shown: Configuration.ResponseHeaders?
  let store: CacheStore
  public let wantsRequestBody: Bool

  public convenience init(configuration: Configuration, environment: PluginEnvironment) throws {
    let name = configuration.memory?.dictionaryName ?? CacheDictionaries.initial
    guard let store = CacheDictionaries.store(named: name) else { throw MissingDictionary(name: name) }
    self.init(configuration: configuration, store: store, keepsPrivate: environment.settings.keepsPrivateResponses)
  }

  init(configuration: Configuration, store: CacheStore, keepsPrivate: Bool = false) {
    self.methods = Set(configuration.requestMethod)
    let limit = Double(CacheDirectives.secondsLimit)
    self.rules = StorageRules(
      statuses: Set(configuration.responseCode.map { Int(clamping: $0) }),
      types: configuration.contentType.compactMap { ContentType($0) },
      usesCacheControl: configuration.cacheControl,
      ttlSeconds: Int(clamping: min(configuration.cacheTtl ?? 300, limit)),
      storageSeconds: configuration.storageTtl.map { Int(clamping: max(-1, min($0, limit))) },
      keepsPrivate: keepsPrivate)
    self.keyRules = CacheKeyRules(
      parameters: configuration.varyQueryParams, headers: configuration.varyHeaders,
      ignoresCase: configuration.ignoreUriCase ?? false)
    self.ignoresAuthorization =
      self.keyRules.covers(FieldName("Authorization")) || keepsPrivate && !configuration.cacheControl
    self.shown = configuration.responseHeaders
    self.store = store
    // Those of methods that have one are part of the key, and kept with the response.
    self.wantsRequestBody = !self.methods.isDisjoint(with: ["POST", "PUT", "PATCH"])
  }

  // MARK: Looking up

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let directives =
      self.rules.usesCacheControl ? CacheDirectives(context.request.headers("Cache-Control")) : CacheDirectives()
    guard self.mayCache(context), !directives.refusesCache else {
      self.say(.bypass, context)
      return .next
    }
    let key = self.keyRules.key(of: context)
    let now = Self.now(context)
    let (found, place) = self.store.find(key, for: context.request, now: now)
    // Only what may be for everybody, even where it was asked for with credentials.
    let isAuthorized = !self.ignoresAuthorization && context.request.header("Authorization") != nil
    if let found, !isAuthorized || found.traits.answersAuthorized, self.accepts(found, directives, now: now) {
      return self.answer(context, found, key, now: now)
    }
    if found == nil, !isAuthorized, directives.wantsOnlyCached {
      self.show(key, context)
      return .respond(LocalResponse(status: 504))
    }
    var lead: CacheLead?
    if !isAuthorized, context.request.method == "GET" {
      switch self.join(place, context, now: now) {
      case .waits: return .suspend
      case .leads(let own): lead = own
      case .passes: break
      }
    }
    self.say(isAuthorized ? .bypass : found == nil ? .miss : .refresh, context)
    self.show(key, context)
    context.pluginValue = Progress.waiting(
      Question(
        key: key, isAuthorized: isAuthorized, edits: context.request.edits,
        body: self.wantsRequestBody ? context.request.body : ByteBuffer(), lead: lead))
    return .next
  }

  /// Whether the cache has to do with this request, whatever the answer is.
  private func mayCache(_ context: RequestContext) -> Bool {
    let method = context.serviceRequest.method
    guard self.methods.contains(method), !RequestOverrides.changesMethod(context) else { return false }
    // A body that the key does not have, because nobody reads it or because it is too large to be read.
    if RequestOverrides.hasBody(context.request) {
      guard method != "GET", method != "HEAD", context.request.body != nil else { return false }
    }
    return context.request.header("Upgrade").map { $0.utf8.map(\.asciiLowercased) != Array("websocket".utf8) } ?? true
  }

  private func accepts(_ response: CachedResponse, _ directives: CacheDirectives, now: Int) -> Bool {
    self.rules.usesCacheControl
      ? directives.accept(
        ageSeconds: response.age(now: now), ttlSeconds: response.ttlSeconds, mustBeFresh: response.traits.mustBeFresh)
      : response.age(now: now) <= self.rules.ttlSeconds
  }

  /// Waits for another request that asks for the same, for a while.
  private func join(_ place: CacheKey, _ context: RequestContext, now: Int) -> CacheFlights.Role {
    var since = now
    if case .waited(let began)? = context.pluginValue as? Progress { since = began }
    let role = self.store.flights.join(
      place, mayWait: now - since < CacheFlights.waitSeconds, now: now, suspension: { context.suspension() })
    if case .waits = role { context.pluginValue = Progress.waited(since: since) }
    return role
  }

  private func answer(
    _ context: RequestContext, _ response: CachedResponse, _ key: CacheKey, now: Int
  ) -> PhaseAction {
    context.shared["proxy_cache_hit"] = response
    let isDebugged = Self.isDebugged(context)
    var headers = response.headers
    if isDebugged || self.shown?.age == true { headers.append(("Age", "\(response.age(now: now))")) }
    if isDebugged || self.shown?.status == true { headers.append(("X-Cache-Status", Status.hit.rawValue)) }
    if isDebugged || self.shown?.key == true { headers.append(("X-Cache-Key", key.text)) }
    var answer = LocalResponse(status: response.status, headers: headers, body: .bytes(response.body))
    answer.repeatsService = true
    if response.status == 200, HitConditions(context.request)?.holds(for: response) == true {
      answer.status = 304
      answer.body = .none
      // They are about a body.
      answer.headers.removeAll { ["content-type", "content-encoding"].contains($0.name.lowercased()) }
    }
    return .respond(answer)
  }

  static func now(_ context: RequestContext) -> Int { Int(clamping: context.wallMicroseconds / 1_000_000) }

  // MARK: What clients see

  private static func isDebugged(_ context: RequestContext) -> Bool { context.request.header("Kong-Debug") != nil }

  func say(_ status: Status, _ context: RequestContext) {
    guard self.shown?.status == true || Self.isDebugged(context) else { return }
    context.response.setHeader("X-Cache-Status", status.rawValue)
  }

  private func show(_ key: CacheKey, _ context: RequestContext) {
    guard self.shown?.key == true || Self.isDebugged(context) else { return }
    context.response.setHeader("X-Cache-Key", key.text)
  }

}

/// A configuration that names no dictionary there is.
private struct MissingDictionary: Error, CustomStringConvertible {
  let name: String

  var description: String { "missing shared dict '\(self.name)'" }
}
