import * as common from '@nestjs/common';
import * as core from '@nestjs/core';
import * as microservices from '@nestjs/microservices';
import * as express from '@nestjs/platform-express';
import * as fastify from '@nestjs/platform-fastify';
import { nestContract } from '../../packages/nestjs/src/nest.contract.js';

nestContract(import.meta.url, { common, core, express, fastify, microservices });
