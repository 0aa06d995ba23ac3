// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// What becomes of the service's answer.
extension ProxyCachePlugin {
  /// What is known of a request that may be answered from the cache.
  enum Progress: Sendable {
    /// For another request that asks for the same, since then.
    case waited(since: Int)
    case waiting(Question)
    case recording(Recording)
  }

  /// A request that goes to the service.
  struct Question: Sendable {
    let key: CacheKey
    let isAuthorized: Bool
    /// What plugins had changed of it when it was looked up.
    let edits: HeaderEdits
    /// nil where it is too large to be kept.
    let body: ByteBuffer?
    let lead: CacheLead?
  }

  public func headerFilter(_ context: RequestContext) throws {
    guard case .waiting(let question)? = context.pluginValue as? Progress else { return }
    context.pluginValue = nil
    let response = context.response
    let now = Self.now(context)
    guard let verdict = self.rules.verdict(of: response, isAuthorized: question.isAuthorized, now: now),
      verdict.fields.areSame(question.edits, context.request.edits)
    else {
      if response.source == .service { question.lead?.giveUp(now: now) }
      return self.say(.bypass, context)
    }
    if question.isAuthorized { self.say(.miss, context) }
    guard Self.hasBody(context), self.fits(context.serviceResponse) else {
      question.lead?.giveUp(now: now)
      return
    }
    let variants = self.store.variants(at: question.key, by: verdict.fields, now: now)
    let head = Recording.Head(
      key: question.key, variant: variants.map { ($0, $0.key(under: question.key, for: context.request)) },
      status: response.status, headers: response.allHeaders, requestBody: question.body, receivedAt: now,
      ttlSeconds: verdict.ttlSeconds, traits: verdict.traits, storageSeconds: verdict.storageSeconds)
    context.pluginValue = Progress.recording(Recording(head, for: self.store, lead: question.lead))
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
    recording.finish()
  }
}
