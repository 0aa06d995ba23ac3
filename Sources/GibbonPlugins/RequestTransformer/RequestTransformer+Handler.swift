// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// `request-transformer`: changes path, method, headers, body and query of requests, in this order.
public final class RequestTransformerPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    /// What one of remove, rename, replace, add and append does to each part.
    struct Changes: Decodable, Sendable {
      var body: [String]
      var headers: [String]
      var querystring: [String]
      /// Only of replace.
      var uri: String?
    }

    var httpMethod: String?
    var remove: Changes
    var rename: Changes
    var replace: Changes
    var add: Changes
    var append: Changes
  }

  private let method: String?
  private let uri: Template?
  private let headers: TransformOperations
  private let query: TransformOperations
  private let body: TransformOperations
  /// Of the request's headers, those the templates name.
  private let headerNames: [String]
  private let passesUnreadableBodies: Bool

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    func operations(_ part: (Configuration.Changes) -> [String]) throws -> TransformOperations {
      try TransformOperations(
        TransformOperations.Entries(
          remove: part(configuration.remove), rename: part(configuration.rename),
          replace: part(configuration.replace), add: part(configuration.add), append: part(configuration.append)))
    }
    self.method = configuration.httpMethod
    self.movesForms = ["GET", "HEAD", "TRACE"].contains { configuration.httpMethod?.isSame(as: $0) ?? false }
    self.uri = try configuration.replace.uri.map { try Template($0) }
    self.headers = try operations { $0.headers.filter { !ServiceRequestView.isTheGateways(NamedValue($0).name) } }
    self.query = try operations(\.querystring)
    self.body = try operations(\.body)
    self.passesUnreadableBodies = environment.passesUnreadableBodies
    self.headerNames = TemplateScope.headerNames(
      in: (self.uri?.references ?? []) + self.headers.references + self.body.references + self.query.references)
    self.reportUnsupported(environment)
  }

  /// Said once for each instance: the file is good, what it means waits for Lua.
  private func reportUnsupported(_ environment: PluginEnvironment) {
    let templates =
      [self.uri?.unsupported].compactMap { $0 } + self.headers.unsupported + self.body.unsupported
      + self.query.unsupported
    for template in templates.prefix(16) {
      environment.report(
        .warn, "the template \(template) is a Lua expression that cannot be evaluated yet: its value renders to nothing"
      )
    }
  }

  public var wantsRequestBody: Bool { !self.body.isEmpty || self.movesForms }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    var scope = TemplateScope(context, headerNames: self.headerNames)
    if !(try self.changePath(context, &scope)) { return .respond(.error(status: 400, "Bad request")) }
    do {
      try self.changeMethod(context)
    } catch let fault as BodyFault {
      if let answer = self.answer(to: fault, context) { return .respond(answer) }
    }
    if !self.headers.isEmpty { HeaderTransform.apply(try self.headers.rendered(in: &scope), to: context) }
    if !self.body.isEmpty {
      do {
        try BodyTransform.apply(self.body, to: context, &scope)
      } catch let fault as BodyFault {
        if let answer = self.answer(to: fault, context) { return .respond(answer) }
      }
    }
    if !self.query.isEmpty {
      var arguments = scope.queryArguments()
      arguments.apply(try self.query.rendered(in: &scope))
      context.serviceRequest.setQuery(arguments)
    }
    return .next
  }

  /// What a client is told whose body cannot be changed as configured; nil where it may pass as it is.
  private func answer(to fault: BodyFault, _ context: RequestContext) -> LocalResponse? {
    context.warn("[request-transformer] the request body cannot be changed: \(fault.reason)")
    return self.passesUnreadableBodies ? nil : fault.answer
  }

  /// - Returns: false when the request would bring a path about that climbs out of the one that is configured.
  private func changePath(_ context: RequestContext, _ scope: inout TemplateScope) throws -> Bool {
    guard let uri else { return true }
    scope.place = .target
    let path = try uri.render(&scope)
    scope.place = .text
    guard path.utf8.first == UInt8(ascii: "/") else { throw TransformFailure("path must start with /") }
    if uri.constant == nil, TargetPath.climbs(path) { return false }
    context.serviceRequest.setPath(path)
    return true
  }

  // MARK: Method

  /// Those Kong can send.
  private static let methods: Set<String> = [
    "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "MKCOL", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "LOCK",
    "UNLOCK", "PATCH", "TRACE",
  ]

  /// Whether the fields of a form become arguments of the query, as the new method has no use for a body.
  private let movesForms: Bool

  private func changeMethod(_ context: RequestContext) throws {
    guard let method else { return }
    guard Self.methods.contains(method) else { throw TransformFailure("invalid method: \(method)") }
    context.serviceRequest.setMethod(method)
    guard self.movesForms, case .form? = (try? RequestBody.contentType(context)).flatMap({ BodyKind(anywhereIn: $0) })
    else { return }
    guard let body = context.request.body else { throw BodyFault.tooLarge }
    let form = FormArguments(body.span.array)
    guard !form.isEmpty else { return }
    var arguments = FormArguments(Array(context.serviceRequest.rawQuery.utf8))
    arguments.append(contentsOf: form)
    context.serviceRequest.setQuery(arguments)
  }
}

/// Why a request cannot be changed as configured.
struct TransformFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension ServiceRequestView {
  fileprivate func setQuery(_ arguments: FormArguments) {
    self.setRawQuery(String(decoding: arguments.encodedInOrder(), as: UTF8.self))
  }
}
