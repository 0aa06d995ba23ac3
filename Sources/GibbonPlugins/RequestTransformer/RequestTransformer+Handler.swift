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

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    func operations(_ part: (Configuration.Changes) -> [String]) throws -> TransformOperations {
      try TransformOperations(
        TransformOperations.Entries(
          remove: part(configuration.remove), rename: part(configuration.rename),
          replace: part(configuration.replace), add: part(configuration.add), append: part(configuration.append)))
    }
    self.method = configuration.httpMethod
    self.uri = try configuration.replace.uri.map { try Template($0) }
    self.headers = try operations { $0.headers.filter { !ServiceRequestView.isTheGateways(NamedValue($0).name) } }
    self.query = try operations(\.querystring)
    self.body = try operations(\.body)
    self.headerNames = TemplateScope.headerNames(
      in: (self.uri?.references ?? []) + self.headers.references + self.body.references + self.query.references)
  }

  public var wantsRequestBody: Bool { !self.body.isEmpty || self.movesForms }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    var scope = TemplateScope(context, headerNames: self.headerNames)
    try self.changePath(context, &scope)
    try self.changeMethod(context)
    if !self.headers.isEmpty { HeaderTransform.apply(try self.headers.rendered(in: &scope), to: context) }
    if !self.body.isEmpty { try BodyTransform.apply(self.body, to: context, &scope) }
    if !self.query.isEmpty {
      var arguments = scope.queryArguments()
      arguments.apply(try self.query.rendered(in: &scope))
      context.serviceRequest.setQuery(arguments)
    }
    return .next
  }

  private func changePath(_ context: RequestContext, _ scope: inout TemplateScope) throws {
    guard let uri else { return }
    let path = try uri.render(&scope)
    guard path.utf8.first == UInt8(ascii: "/") else { throw TransformFailure("path must start with /") }
    context.serviceRequest.setPath(path)
  }

  // MARK: Method

  /// Those Kong can send.
  private static let methods: Set<String> = [
    "GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "MKCOL", "COPY", "MOVE", "PROPFIND", "PROPPATCH", "LOCK",
    "UNLOCK", "PATCH", "TRACE",
  ]

  /// Whether the fields of a form become arguments of the query, as the new method has no use for a body.
  private var movesForms: Bool { self.method == "GET" || self.method == "HEAD" || self.method == "TRACE" }

  private func changeMethod(_ context: RequestContext) throws {
    guard let method else { return }
    guard Self.methods.contains(method) else { throw TransformFailure("invalid method: \(method)") }
    context.serviceRequest.setMethod(method)
    guard self.movesForms, BodyTransform.kind(of: context) == .form, let body = context.request.body else { return }
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
