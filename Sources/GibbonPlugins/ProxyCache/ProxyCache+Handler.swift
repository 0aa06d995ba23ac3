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

  /// What is known of a request that goes to the service though it may be answered from the cache.
  private enum Progress: Sendable {
    case waiting(CacheKey, requestBody: ByteBuffer?)
    case recording(Recording)
  }

  private let statuses: Set<Int>
  private let methods: Set<String>
  private let types: [ContentType]
  private let usesCacheControl: Bool
  private let ttlSeconds: Int
  /// nil where the freshness of a response decides; below zero nothing is kept.
  private let storageSeconds: Int?
  private let keyRules: CacheKeyRules
  private let shown: Configuration.ResponseHeaders?
  private let store: CacheStore
  public let wantsRequestBody: Bool

  public convenience init(configuration: Configuration, environment: PluginEnvironment) throws {
    let name = configuration.memory?.dictionaryName ?? CacheDictionaries.initial
    guard let store = CacheDictionaries.store(named: name) else { throw MissingDictionary(name: name) }
    self.init(configuration: configuration, store: store)
  }

  init(configuration: Configuration, store: CacheStore) {
    self.statuses = Set(configuration.responseCode.map { Int(clamping: $0) })
    self.methods = Set(configuration.requestMethod)
    self.types = configuration.contentType.compactMap { ContentType($0) }
    self.usesCacheControl = configuration.cacheControl
    let limit = Double(CacheDirectives.secondsLimit)
    self.ttlSeconds = Int(clamping: min(configuration.cacheTtl ?? 300, limit))
    self.storageSeconds = configuration.storageTtl.map { Int(clamping: max(-1, min($0, limit))) }
    self.keyRules = CacheKeyRules(
      parameters: configuration.varyQueryParams, headers: configuration.varyHeaders,
      ignoresCase: configuration.ignoreUriCase ?? false)
    self.shown = configuration.responseHeaders
    self.store = store
    // What a GET has for a body is of no use; those of the others are kept with the response.
    self.wantsRequestBody = !self.methods.isDisjoint(with: ["POST", "PUT", "PATCH"])
  }

  // MARK: Looking up

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let directives =
      self.usesCacheControl ? CacheDirectives(context.request.headers("Cache-Control")) : CacheDirectives()
    guard self.mayCache(context, directives) else {
      self.say(.bypass, context)
      return .next
    }
    let key = self.keyRules.key(of: context)
    let now = Self.now(context)
    if let response = self.store.find(key, now: now) {
      let age = max(0, now - response.storedAt)
      if self.accepts(response, age: age, directives) { return self.answer(context, response, key, age: age) }
      self.say(.refresh, context)
    } else if directives.wantsOnlyCached {
      self.show(key, context)
      return .respond(LocalResponse(status: 504))
    } else {
      self.say(.miss, context)
    }
    self.show(key, context)
    let body = self.wantsRequestBody ? context.request.body : ByteBuffer()
    context.pluginValue = Progress.waiting(key, requestBody: body)
    return .next
  }

  private func mayCache(_ context: RequestContext, _ directives: CacheDirectives) -> Bool {
    guard self.methods.contains(context.serviceRequest.method) else { return false }
    guard self.usesCacheControl else { return true }
    return !directives.refusesCache && context.request.header("Authorization") == nil
  }

  private func accepts(_ response: CachedResponse, age: Int, _ directives: CacheDirectives) -> Bool {
    self.usesCacheControl
      ? directives.accept(ageSeconds: age, ttlSeconds: response.ttlSeconds) : age <= self.ttlSeconds
  }

  private func answer(
    _ context: RequestContext, _ response: CachedResponse, _ key: CacheKey, age: Int
  ) -> PhaseAction {
    context.shared["proxy_cache_hit"] = response
    let isDebugged = Self.isDebugged(context)
    var headers = response.headers
    if isDebugged || self.shown?.age == true { headers.append(("Age", "\(age)")) }
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

  private static func now(_ context: RequestContext) -> Int { Int(clamping: context.wallMicroseconds / 1_000_000) }

  // MARK: What clients see

  private static func isDebugged(_ context: RequestContext) -> Bool { context.request.header("Kong-Debug") != nil }

  private func say(_ status: Status, _ context: RequestContext) {
    guard self.shown?.status == true || Self.isDebugged(context) else { return }
    context.response.setHeader("X-Cache-Status", status.rawValue)
  }

  private func show(_ key: CacheKey, _ context: RequestContext) {
    guard self.shown?.key == true || Self.isDebugged(context) else { return }
    context.response.setHeader("X-Cache-Key", key.text)
  }

  // MARK: Recording

  public func headerFilter(_ context: RequestContext) throws {
    guard case .waiting(let key, let body)? = context.pluginValue as? Progress else { return }
    context.pluginValue = nil
    let response = context.response
    let directives =
      self.usesCacheControl ? CacheDirectives(response.headers("Cache-Control")) : CacheDirectives()
    let lifetime = self.lifetimeSeconds(response, directives, now: Self.now(context))
    guard self.mayStore(response, directives), lifetime > 0 else { return self.say(.bypass, context) }
    let storage = self.storageSeconds ?? lifetime
    guard storage >= 0, Self.hasBody(context), self.fits(context.serviceResponse) else { return }
    let head = Recording.Head(
      key: key, status: response.status, headers: response.allHeaders, requestBody: body, ttlSeconds: lifetime,
      storageSeconds: storage == 0 ? nil : storage)
    context.pluginValue = Progress.recording(Recording(head, for: self.store))
  }

  private func lifetimeSeconds(_ response: ResponseView, _ directives: CacheDirectives, now: Int) -> Int {
    guard self.usesCacheControl else { return self.ttlSeconds }
    return directives.lifetimeSeconds(expires: response.headers("Expires").last, now: now)
  }

  /// Never an error of the gateway's own: the next request may fare better.
  private func mayStore(_ response: ResponseView, _ directives: CacheDirectives) -> Bool {
    guard response.source != .error, self.statuses.contains(Int(response.status)),
      let text = response.header("Content-Type"), !text.isEmpty, !directives.forbidsStoring
    else { return false }
    let type = ContentType(text)
    return self.types.contains { $0.covers(type) }
  }

  /// As in Kong, where a response without a body is not kept though it counts as a miss.
  private static func hasBody(_ context: RequestContext) -> Bool {
    let status = context.response.status
    return context.request.method != "HEAD" && context.serviceRequest.method != "HEAD" && status != 204
      && status != 304 && (200...599).contains(status)
  }

  private func fits(_ response: ServiceResponseView) -> Bool {
    guard let length = response.header("Content-Length") else { return true }
    return Int(length).map { $0 <= self.store.entryLimitBytes } ?? false
  }

  public func filtersBody(_ context: RequestContext) -> Bool {
    if case .recording? = context.pluginValue as? Progress { true } else { false }
  }

  public func observesBody(_ context: RequestContext) -> Bool { true }

  public func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws {
    guard case .recording(let recording)? = context.pluginValue as? Progress else { return }
    guard !part.isRefused else {
      context.pluginValue = nil
      return
    }
    recording.append(part.bytes)
    // The end comes only where the service's response was whole.
    guard part.isLast else { return }
    context.pluginValue = nil
    recording.finish(now: Self.now(context))
  }
}

/// A configuration that names no dictionary there is.
private struct MissingDictionary: Error, CustomStringConvertible {
  let name: String

  var description: String { "missing shared dict '\(self.name)'" }
}
